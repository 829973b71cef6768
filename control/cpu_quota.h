// How many CPUs the container may use, as its control group tells. Pure: the files are read by whoever asks.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace outrigger::control {

/// The text of a file; nullopt: it is not there, or cannot be read.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

/// Of cgroup v2, or v1; nullopt: no quota.
std::optional<double> cpuQuota(const ReadFile& read);

}  // namespace outrigger::control
