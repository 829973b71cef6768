// The processes that can be seen here, as /proc tells of them. In a pod, those of other containers are seen only where
// it shares its process namespace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/doctor/machine.h"

namespace outrigger::control::doctor {

struct Process {
  int32_t pid = 0;
  int32_t parent = 0;
  uint32_t uid = 0;  ///< the effective one
  std::string name{};
  std::vector<std::string> command{};  ///< the program and its arguments; empty: a thread of the kernel

  /// This very program, whatever it does.
  bool isOutrigger() const;
  /// `outrigger run`, or another verb that serves.
  bool isSidecar() const;
  /// `outrigger demo`: its sidecar has a config of its own, and is not told to drain.
  bool isDemo() const;
};

/// The first few thousand, by number.
std::vector<Process> processesOf(Machine& machine);

/// Our own, and those that it was started by; ours first.
std::vector<int32_t> ownLine(Machine& machine, const std::vector<Process>& processes);

/// The value of `--NAME VALUE` or `--NAME=VALUE` on a command line; empty: it has none.
std::string optionOf(const Process& process, const std::string& name);

/// The path that a process was given with `--NAME`; a relative one as seen from the folder in which the process runs.
/// Empty: it was given none, or that folder may not be looked up.
std::string pathOption(Machine& machine, const Process& process, const std::string& name);

/// That of the sidecar that runs here; empty also where several run, for nobody knows which is meant.
std::string pathOfSidecar(Machine& machine, const std::vector<Process>& processes, const std::string& name);

/// "process 812 (nginx)".
std::string called(const Process& process);

}  // namespace outrigger::control::doctor
