#include "control/telemetry/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace outrigger::control::telemetry {
namespace {

// Fields of /proc/PID/stat, counted from 0 behind the name of the program.
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;
constexpr size_t kResidentPages = 21;

uint64_t countOpenFds() {
  std::error_code error;
  const std::filesystem::directory_iterator all("/proc/self/fd", error);
  if (error) return 0;
  const auto entries = static_cast<uint64_t>(std::distance(begin(all), end(all)));
  return entries > 0 ? entries - 1 : 0;  // the one that counts
}

}  // namespace

std::optional<ProcessStats> parseStat(Bytes stat, uint64_t ticksPerSecond, uint64_t pageSize) {
  const size_t nameEnd = stat.rfind(')');  // the name itself may hold spaces and parentheses
  if (nameEnd == Bytes::npos) return std::nullopt;
  std::vector<Bytes> fields;
  for (Bytes rest = stat.substr(nameEnd + 1); !rest.empty();) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \n"), rest.size()));
    const Bytes field = rest.substr(0, rest.find_first_of(" \n"));
    if (!field.empty()) fields.push_back(field);
    rest.remove_prefix(field.size());
  }
  if (fields.size() <= kResidentPages) return std::nullopt;
  const auto user = parseDecimal(fields[kUserTicks]);
  const auto system = parseDecimal(fields[kSystemTicks]);
  const auto pages = parseDecimal(fields[kResidentPages]);
  if (!user || !system || !pages) return std::nullopt;
  ProcessStats stats;
  stats.cpuSeconds = static_cast<double>(*user + *system) / static_cast<double>(ticksPerSecond);
  stats.residentBytes = *pages * pageSize;
  return stats;
}

std::optional<ProcessStats> readProcessStats() {
  std::ifstream file("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto stats =
      parseStat(text, static_cast<uint64_t>(::sysconf(_SC_CLK_TCK)), static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)));
  if (!stats) return std::nullopt;
  stats->openFds = countOpenFds();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats->maxFds = limit.rlim_cur;
  return stats;
}

}  // namespace outrigger::control::telemetry
