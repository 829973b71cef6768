#include "control/bundle/system_text.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

namespace outrigger::control::bundle {
namespace {

constexpr Bytes kSizes[] = {"Umask",
                            "State",
                            "FDSize",
                            "VmPeak",
                            "VmSize",
                            "VmLck",
                            "VmHWM",
                            "VmRSS",
                            "RssAnon",
                            "RssFile",
                            "VmData",
                            "VmStk",
                            "VmSwap",
                            "Threads",
                            "CapEff",
                            "NoNewPrivs",
                            "Seccomp",
                            "NSpid",
                            "SigBlk",
                            "SigIgn",
                            "SigCgt",
                            "Cpus_allowed_list",
                            "voluntary_ctxt_switches",
                            "nonvoluntary_ctxt_switches"};

std::optional<std::string> contentsOf(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad() || text.empty()) return std::nullopt;
  return text;
}

template <class Take>
void eachLine(Bytes text, Take take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string factsAt(const std::string& folder) {
  std::string text;
  const auto limits = contentsOf(folder + "/limits");
  text += "limits\n" + limits.value_or("  cannot be read\n");
  const auto status = contentsOf(folder + "/status");
  text += "\nstatus\n" + (status ? sizesIn(*status) : "  cannot be read\n");
  return text;
}

// The group's path of version 2: "0::/a/b".
std::string groupFolder() {
  std::string folder = "/sys/fs/cgroup";
  eachLine(contentsOf("/proc/self/cgroup").value_or(""), [&folder](Bytes line) {
    if (line.starts_with("0::/") && line != "0::/") folder += line.substr(3);
  });
  return folder;
}

std::string groupText() {
  std::string text;
  const std::string folder = groupFolder();
  for (const char* name : {"cpu.max", "cpu.stat", "memory.max", "memory.high", "memory.current", "memory.events",
                           "pids.max", "cpuset.cpus.effective"}) {
    // Within a container its own group is the root of what it sees.
    auto value = contentsOf(folder + "/" + name);
    if (!value) value = contentsOf(std::string("/sys/fs/cgroup/") + name);
    if (!value) continue;
    text += std::string(name) + "\n";
    eachLine(*value, [&text](Bytes line) { text += "  " + std::string(line) + "\n"; });
  }
  return text.empty() ? "  no control group of version 2 can be read\n" : text;
}

}  // namespace

std::string sizesIn(Bytes status) {
  std::string text;
  eachLine(status, [&text](Bytes line) {
    const Bytes name = line.substr(0, line.find(':'));
    if (std::ranges::find(kSizes, name) != std::end(kSizes)) text += std::string(line) + "\n";
  });
  return text;
}

std::expected<std::string, std::string> processText(int64_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto name = contentsOf(folder + "/comm");
  if (!name) return std::unexpected("there is no process " + std::to_string(pid) + " here: it runs elsewhere");
  if (!name->starts_with("outrigger")) {
    return std::unexpected("the process " + std::to_string(pid) + " here is none of ours: the sidecar runs elsewhere");
  }
  return "process " + std::to_string(pid) + ", the sidecar\n\n" + factsAt(folder);
}

std::string ownProcessText() {
  return "this process, which wrote the bundle\n\n" + factsAt("/proc/self");
}

std::string machineText() {
  std::string text;
  utsname system{};
  if (::uname(&system) == 0) {
    text += std::string("kernel   ") + system.sysname + " " + system.release + " " + system.version + "\n";
    text += std::string("machine  ") + system.machine + "\n";
  }
  text += "cpus     " + std::to_string(std::thread::hardware_concurrency()) + " for us, " +
          std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) + " in all\n";
  text += "page     " + std::to_string(::sysconf(_SC_PAGESIZE)) + " B\n\nmemory\n";
  eachLine(contentsOf("/proc/meminfo").value_or(""), [&text](Bytes line) {
    for (const Bytes name : {"MemTotal:", "MemAvailable:", "SwapTotal:", "SwapFree:"}) {
      if (line.starts_with(name)) text += "  " + std::string(line) + "\n";
    }
  });
  text += "\nload\n  " + contentsOf("/proc/loadavg").value_or("?\n");
  return text + "\ncontrol group\n" + groupText();
}

}  // namespace outrigger::control::bundle
