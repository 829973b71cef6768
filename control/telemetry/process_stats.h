// What the kernel knows of this process: the values behind the usual process_* metrics. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "proxy/base/bytes.h"

namespace outrigger::control::telemetry {

struct ProcessStats {
  double cpuSeconds = 0;  ///< user and system
  uint64_t residentBytes = 0;
  uint64_t openFds = 0;
  uint64_t maxFds = 0;
};

/// Asks the kernel; nullopt where there is no /proc.
std::optional<ProcessStats> readProcessStats();

/// The part of it that is in /proc/PID/stat (proc(5)), whose units are given. nullopt: not such a text.
std::optional<ProcessStats> parseStat(Bytes stat, uint64_t ticksPerSecond, uint64_t pageSize);

}  // namespace outrigger::control::telemetry
