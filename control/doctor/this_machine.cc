#include "control/doctor/this_machine.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "config/yaml.h"
#include "control/doctor/probes.h"
#include "control/environment.h"
#include "control/redirect/capability.h"
#include "control/redirect/netfilter.h"
#include "control/redirect/program.h"
#include "proxy/net/listener.h"
#include "proxy/net/machine_addresses.h"

namespace outrigger::control::doctor {
namespace {

namespace fs = std::filesystem;

// Opening a unix listener would put its file there, so that is only looked at.
std::optional<std::string> cannotListenOnPath(Machine& machine, const Address& address) {
  std::error_code ignored;
  if (fs::is_socket(address.path(), ignored)) {
    if (!dialAll({address}, 1s).front()) return "somebody listens there";
    return std::nullopt;  // left over; it is taken away when we start
  }
  if (fs::exists(address.path(), ignored)) return "there is something else than a socket";
  const std::string folder = fs::path(address.path()).parent_path();
  if (!machine.mayWriteIn(folder.empty() ? "." : folder)) return folder + " cannot be written to";
  return std::nullopt;
}

}  // namespace

std::expected<std::string, std::string> ThisMachine::read(const std::string& path) {
  constexpr size_t kMost = 16 * 1024 * 1024;
  static_assert(kMost > config::kMostOctets);
  if (isFolder(path)) return std::unexpected("it is a folder");
  // A pipe or a terminal would keep us waiting.
  const net::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return std::unexpected(std::strerror(errno));
  std::string text;
  std::string part(64 * 1024, '\0');
  while (text.size() <= kMost) {
    const ssize_t count = ::read(file.get(), part.data(), part.size());
    if (count < 0) return std::unexpected(std::strerror(errno));
    if (count == 0) return text;
    text.append(part, 0, static_cast<size_t>(count));
  }
  return std::unexpected("it is larger than " + std::to_string(kMost >> 20U) + " MiB");
}

std::optional<WallTime> ThisMachine::modifiedAt(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return WallTime(std::chrono::seconds(info.st_mtim.tv_sec) + Duration(info.st_mtim.tv_nsec));
}

std::vector<std::string> ThisMachine::list(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename());
  }
  return names;
}

std::optional<std::string> ThisMachine::linkTarget(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  return error ? std::nullopt : std::optional(target.string());
}

std::string ThisMachine::absolute(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  const fs::path folder = fs::weakly_canonical(whole.parent_path(), error);
  return (error ? whole : folder / whole.filename()).string();
}

bool ThisMachine::isFolder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool ThisMachine::mayWriteIn(const std::string& folder) {
  return isFolder(folder) && ::access(folder.c_str(), W_OK | X_OK) == 0;
}

std::optional<std::string> ThisMachine::environment(const std::string& name) {
  return fromEnvironment(name);
}

WallTime ThisMachine::now() {
  return net::wallNow();
}

uint32_t ThisMachine::cpus() {
  return std::max(1U, std::thread::hardware_concurrency());
}

std::vector<Address> ThisMachine::addresses() {
  return net::machineAddresses();
}

std::optional<std::string> ThisMachine::cannotListen(const Address& address) {
  if (!address.isIp()) return cannotListenOnPath(*this, address);
  return net::cannotBind(address);
}

std::vector<std::optional<std::string>> ThisMachine::dialAll(const std::vector<Address>& addresses, Duration limit) {
  return doctor::dialAll(addresses, limit);
}

std::vector<LookUp> ThisMachine::lookUpAll(const std::vector<Question>& questions, Duration limit) {
  return doctor::lookUpAll(questions, limit);
}

PageAnswer ThisMachine::page(const Address& admin, const std::string& target, Duration limit) {
  return askPage(admin, target, limit);
}

std::expected<std::string, std::string> ThisMachine::redirectRules() {
  const redirect::Netfilter netfilter(redirect::programFolders());
  if (!netfilter.backend()) return std::unexpected("neither nft nor iptables is installed here to list the rules");
  if (!redirect::mayChangeNetwork(read("/proc/self/status").value_or(""))) {
    return std::unexpected("the kernel's rules are listed for who has CAP_NET_ADMIN only");
  }
  return netfilter.show();
}

}  // namespace outrigger::control::doctor
