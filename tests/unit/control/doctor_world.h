// A machine in memory on which all is well: a pod in redirect mode, whose sidecar runs and has every kind of upstream.
// Tests break one thing of it at a time.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "control/doctor/checks.h"
#include "control/redirect/nftables.h"
#include "proxy/net/event_loop.h"
#include "tests/support/certificates.h"

namespace outrigger::control::doctor {

class FakeMachine final : public Machine {
 public:
  std::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return std::unexpected("No such file or directory");
    return found->second;
  }
  std::optional<WallTime> modifiedAt(const std::string& path) override {
    return changed.contains(path) ? std::optional(changed[path]) : std::nullopt;
  }
  std::vector<std::string> list(const std::string& folder) override {
    std::set<std::string> names;
    const auto take = [&](const std::string& path) {
      if (!path.starts_with(folder + "/")) return;
      const std::string rest = path.substr(folder.size() + 1);
      names.insert(rest.substr(0, rest.find('/')));
    };
    for (const auto& [path, text] : files) take(path);
    for (const auto& [path, target] : links) take(path);
    return {names.begin(), names.end()};
  }
  std::optional<std::string> linkTarget(const std::string& path) override {
    return links.contains(path) ? std::optional(links[path]) : std::nullopt;
  }
  std::string absolute(const std::string& path) override { return path; }
  bool isFolder(const std::string& path) override { return folders.contains(path); }
  bool mayWriteIn(const std::string& folder) override { return folders.contains(folder) && folders[folder]; }
  std::optional<std::string> environment(const std::string& name) override {
    return variables.contains(name) ? std::optional(variables[name]) : std::nullopt;
  }
  WallTime now() override { return clock; }
  uint32_t cpus() override { return 4; }
  std::vector<Address> addresses() override { return {*Address::parse("127.0.0.1:0"), *Address::parse("10.1.1.1:0")}; }
  std::optional<std::string> cannotListen(const Address& address) override {
    return taken.contains(address.text()) ? std::optional(taken[address.text()]) : std::nullopt;
  }
  std::vector<std::optional<std::string>> dialAll(const std::vector<Address>& all, Duration limit) override {
    EXPECT_LE(limit, 2s);
    std::vector<std::optional<std::string>> answers;
    for (const Address& address : all) {
      dialled.push_back(address.text());
      answers.push_back(silent.contains(address.text()) ? std::optional<std::string>("connection refused")
                                                        : std::nullopt);
    }
    return answers;
  }
  std::vector<LookUp> lookUpAll(const std::vector<Question>& questions, Duration limit) override {
    EXPECT_LE(limit, 2s);
    std::vector<LookUp> found;
    for (const Question& question : questions) {
      LookUp one;
      for (const std::string& host : names[question.name]) {
        one.addresses.push_back(*Address::parse(host + ":" + std::to_string(question.port)));
      }
      if (one.addresses.empty()) one.failure = "the name does not exist";
      found.push_back(one);
    }
    return found;
  }
  PageAnswer page(const Address&, const std::string& target, Duration limit) override {
    EXPECT_EQ(target, "/api/status");
    EXPECT_LE(limit, 2s);
    return status;
  }
  std::expected<std::string, std::string> redirectRules() override { return rules; }

  std::map<std::string, std::string> files;
  std::map<std::string, std::string> links;
  std::map<std::string, bool> folders;  ///< whether one may write in it
  std::map<std::string, WallTime> changed;
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> taken;  ///< by address: why it cannot be listened on
  std::set<std::string> silent;
  std::vector<std::string> dialled;
  std::map<std::string, std::vector<std::string>> names;
  WallTime clock = net::wallNow();
  PageAnswer status;
  std::expected<std::string, std::string> rules;
};

/// On disk too, because a config is compiled with what stands there. Made once.
class Certificates {
 public:
  static const Certificates& get() {
    static const Certificates all;
    return all;
  }
  ~Certificates() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  std::string folder = ::testing::TempDir() + "doctor-" + std::to_string(net::randomSeed());
  test::TestAuthority authority;
  TlsMaterial material = authority.leaf({.days = 300});

 private:
  Certificates() {
    std::filesystem::create_directories(folder);
    std::ofstream(folder + "/tls.crt") << material.certificate;
    std::ofstream(folder + "/tls.key") << material.key;
    std::ofstream(folder + "/ca.crt") << material.trust;
  }
};

struct World {
  World() {
    const Certificates& certificates = Certificates::get();
    machine.files = {
        {"/proc/self/mountinfo", "1 0 8:1 / / rw - ext4 disk rw\n2 1 8:2 / /etc/outrigger ro - ext4 disk ro\n"},
        {"/proc/self/status", "Name:\toutrigger\nPid:\t99\nPPid:\t98\nUid:\t15100\t15100\t15100\t15100\n"},
        {"/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n"},
        {"/proc/7/limits", "Limit  Soft Limit  Hard Limit  Units\nMax open files  65536  65536  files\n"},
        {"/sys/fs/cgroup/cpu.max", "200000 100000\n"},
        {"/sys/fs/cgroup/memory.max", "134217728\n"},
        {"/etc/resolv.conf", "nameserver 10.96.0.10\nsearch a.svc.cluster.local svc.cluster.local\noptions ndots:5\n"},
        {account + "/token", "abc"},
        {account + "/ca.crt", certificates.material.trust},
        {account + "/namespace", "shop"},
        {"/state/last-good.yaml", "version: 1\n"},
        {certificates.folder + "/tls.crt", certificates.material.certificate},
        {certificates.folder + "/tls.key", certificates.material.key},
        {certificates.folder + "/ca.crt", certificates.material.trust},
    };
    process(7, 1, 15100, "outrigger", {"/usr/bin/outrigger", "run", "--config", path});
    process(20, 1, 1000, "app", {"/app"});
    process(98, 1, 15100, "sh", {"sh"});
    process(99, 98, 15100, "outrigger", {"outrigger", "doctor"});
    machine.folders = {{"/state", true}};
    machine.changed = {{path, machine.clock - 1h}};
    machine.variables = {{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
    machine.names = {{"payments.shop", {"10.0.1.1", "10.0.1.2"}}};
    machine.rules = redirect::nftablesRules({});
    answers({{"version", OUTRIGGER_VERSION}, {"ready", true}, {"config", {{"newest_is_in_effect", true}}}});
  }

  void process(int pid, int parent, int uid, const std::string& name, const std::vector<std::string>& command) {
    const std::string folder = "/proc/" + std::to_string(pid);
    const std::string id = std::to_string(uid);
    machine.files[folder + "/status"] = "Name:\t" + name + "\nPid:\t" + std::to_string(pid) + "\nPPid:\t" +
                                        std::to_string(parent) + "\nUid:\t" + id + "\t" + id + "\t" + id + "\t" + id +
                                        "\n";
    std::string words;
    for (const std::string& word : command) words += word + '\0';
    machine.files[folder + "/cmdline"] = words;
  }
  void end(int pid) {
    std::erase_if(machine.files,
                  [&](const auto& file) { return file.first.starts_with("/proc/" + std::to_string(pid) + "/"); });
  }
  void answers(const nlohmann::json& status) { machine.status = {.connected = true, .text = status.dump(), .why = {}}; }
  void nobodyAnswers() { machine.status = {.connected = false, .text = std::nullopt, .why = "connection refused"}; }

  std::string yaml() const {
    const std::string& folder = Certificates::get().folder;
    return "version: 1\nidentity: {cert: " + folder + "/tls.crt, key: " + folder + "/tls.key, trust: " + folder +
           "/ca.crt}\n" + top +
           "tracing: {collector: 'http://10.0.0.9:4318'}\n"
           "upstreams:\n"
           "  orders: {endpoints: ['10.0.0.7:80', '10.0.0.8:80']}\n"
           "  payments: {dns: payments.shop, port: 80}\n"
           "  ledger: {kubernetes: {service: ledger, port: 80}}\n" +
           more;
  }
  Subject subject() const {
    Subject made{.path = path,
                 .file = std::unexpected(fileError.value_or("")),
                 .admin = *Address::parse("127.0.0.1:15100"),
                 .stateFolder = stateFolder,
                 .serviceAccount = account};
    if (!fileError) made.file = cli::checkText(path, whole.value_or(yaml()));
    return made;
  }
  std::vector<Diagnosis> examineAll() {
    const Subject made = subject();
    Exam exam(machine, made);
    return examine(exam);
  }
  Finding run(Bytes name) {
    const Subject made = subject();
    Exam exam(machine, made);
    for (const Check& check : allChecks()) {
      if (check.name != name) continue;
      return check.needsModel && exam.model() == nullptr ? skipped("the config does not load") : check.run(exam);
    }
    ADD_FAILURE() << "there is no check " << name;
    return {};
  }

  FakeMachine machine;
  std::string path = "/etc/outrigger/outrigger.yaml";
  std::string account = "/account";
  std::optional<std::string> fileError;
  std::optional<std::string> whole;  ///< instead of yaml()
  std::string top = "app: {port: 8080}\nredirect: {enabled: true}\nworkers: 2\n";
  std::string more;  ///< upstreams
  std::optional<std::string> stateFolder = "/state";
};

}  // namespace outrigger::control::doctor
