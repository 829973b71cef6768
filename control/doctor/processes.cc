#include "control/doctor/processes.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>

#include "control/cli/spoken.h"

namespace outrigger::control::doctor {
namespace {

constexpr size_t kMost = 4096;

std::vector<std::string> splitAtZeros(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, '\0');) parts.push_back(part);
  return parts;
}

// "Name:\tnginx", "PPid:\t1", "Uid:\treal\teffective\tsaved\tfile system".
std::optional<Process> readStatus(const std::string& status) {
  Process process;
  bool hasUid = false;
  std::istringstream lines(status);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "Name:") words >> process.name;
    if (key == "Pid:") words >> process.pid;
    if (key == "PPid:") words >> process.parent;
    uint32_t real = 0;
    if (key == "Uid:") hasUid = static_cast<bool>(words >> real >> process.uid);
  }
  if (!hasUid) return std::nullopt;
  return process;
}

}  // namespace

bool Process::isOutrigger() const {
  if (command.empty()) return name == "outrigger";
  return std::filesystem::path(command.front()).filename() == "outrigger";
}

bool Process::isSidecar() const {
  return isDemo() || (isOutrigger() && command.size() > 1 && (command[1] == "run" || command[1] == "up"));
}

bool Process::isDemo() const {
  return isOutrigger() && command.size() > 1 && command[1] == "demo";
}

std::vector<Process> processesOf(Machine& machine) {
  std::vector<int32_t> pids;
  for (const std::string& name : machine.list("/proc")) {
    if (const auto pid = parseDecimal(name, 1U << 30U)) pids.push_back(static_cast<int32_t>(*pid));
  }
  std::ranges::sort(pids);
  pids.resize(std::min(pids.size(), kMost));
  std::vector<Process> all;
  for (const int32_t pid : pids) {
    const std::string folder = "/proc/" + std::to_string(pid);
    const auto status = machine.read(folder + "/status");
    auto process = status ? readStatus(*status) : std::nullopt;
    if (!process) continue;  // it has ended meanwhile
    process->pid = pid;
    process->command = splitAtZeros(machine.read(folder + "/cmdline").value_or(""));
    all.push_back(std::move(*process));
  }
  return all;
}

std::vector<int32_t> ownLine(Machine& machine, const std::vector<Process>& processes) {
  std::vector<int32_t> line;
  const auto status = machine.read("/proc/self/status");
  const auto own = status ? readStatus(*status) : std::nullopt;
  if (!own) return line;
  line.push_back(own->pid);
  for (int32_t parent = own->parent; parent > 1 && std::ranges::count(line, parent) == 0;) {
    line.push_back(parent);
    const auto next = std::ranges::find(processes, parent, &Process::pid);
    parent = next == processes.end() ? 0 : next->parent;
  }
  return line;
}

std::string optionOf(const Process& process, const std::string& name) {
  const std::string dashed = "--" + name;
  for (size_t i = 1; i < process.command.size(); ++i) {
    const std::string& word = process.command[i];
    if (word == dashed && i + 1 < process.command.size()) return process.command[i + 1];
    if (word.starts_with(dashed + "=")) return word.substr(dashed.size() + 1);
  }
  return {};
}

std::string pathOption(Machine& machine, const Process& process, const std::string& name) {
  const std::string path = optionOf(process, name);
  if (path.empty() || path.starts_with('/')) return path;
  const auto folder = machine.linkTarget("/proc/" + std::to_string(process.pid) + "/cwd");
  return folder ? (std::filesystem::path(*folder) / path).lexically_normal().string() : std::string();
}

std::string pathOfSidecar(Machine& machine, const std::vector<Process>& processes, const std::string& name) {
  if (std::ranges::count_if(processes, &Process::isSidecar) != 1) return {};
  return pathOption(machine, *std::ranges::find_if(processes, &Process::isSidecar), name);
}

std::string called(const Process& process) {
  return "process " + std::to_string(process.pid) + " (" + cli::harmless(process.name) + ")";
}

}  // namespace outrigger::control::doctor
