// What the kernel tells of a process and of the machine, as far as it helps with a bug report and gives nothing away.
#pragma once

#include <expected>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::control::bundle {

/// Limits and sizes of the process; `pid`: of another one here, which must be an outrigger, else the error says why
/// there is nothing. Never its environment, arguments or open files.
std::expected<std::string, std::string> processText(int64_t pid);

/// Of this process.
std::string ownProcessText();

/// The lines of /proc/PID/status (proc(5)) that tell of sizes, threads and rights. Pure.
std::string sizesIn(Bytes status);

/// Kernel, CPUs, memory, and the limits of our control group.
std::string machineText();

}  // namespace outrigger::control::bundle
