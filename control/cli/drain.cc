#include "control/cli/drain.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

namespace fs = std::filesystem;

std::optional<int32_t> numberOf(const std::string& name) {
  int32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// The command line of a process is its arguments, each with a NUL behind it.
bool runsASidecar(const fs::path& process) {
  std::ifstream in(process / "cmdline", std::ios::binary);
  std::string program;
  std::string verb;
  if (!std::getline(in, program, '\0') || !std::getline(in, verb, '\0')) return false;
  return fs::path(program).filename() == "outrigger" && verb == "run";
}

int fail(const std::string& why, bool json) {
  if (json) std::printf("%s\n", nlohmann::json{{"drained", false}, {"error", why}}.dump().c_str());
  std::fprintf(stderr, "outrigger drain: %s\n", why.c_str());
  return kFinding;
}

}  // namespace

std::vector<int32_t> sidecarsBelow(const std::string& procfs, int32_t except) {
  std::vector<int32_t> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(procfs, ignored)) {
    const auto pid = numberOf(entry.path().filename());
    if (pid && *pid != except && runsASidecar(entry.path())) found.push_back(*pid);
  }
  std::ranges::sort(found);
  return found;
}

std::expected<int32_t, std::string> chooseSidecar(std::optional<int32_t> asked, const std::vector<int32_t>& running) {
  if (asked) {
    if (std::ranges::count(running, *asked) > 0) return *asked;
    return std::unexpected("process " + std::to_string(*asked) + " runs no sidecar here");
  }
  if (running.empty()) return std::unexpected("no `outrigger run` is to be found here");
  if (running.size() == 1) return running.front();
  std::string all;
  for (const int32_t pid : running) all += (all.empty() ? "" : ", ") + std::to_string(pid);
  return std::unexpected("several sidecars run here (" + all + "): say which one with --pid");
}

int drainSidecar(std::optional<int32_t> pid, bool json) {
  const auto chosen = chooseSidecar(pid, sidecarsBelow("/proc", ::getpid()));
  if (!chosen) return fail(chosen.error(), json);
  if (::kill(*chosen, SIGUSR1) != 0) {
    return fail("process " + std::to_string(*chosen) + " cannot be told: " + std::strerror(errno), json);
  }
  if (json) std::printf("%s\n", nlohmann::json{{"drained", true}, {"pid", *chosen}}.dump().c_str());
  return kOk;
}

}  // namespace outrigger::control::cli
