// The verbs of the program, one function each; their results are exit codes (CONTRACT §1): 0 ok, 1 a finding or a
// failed action, 2 wrong usage or unusable config.
#pragma once

#include <optional>
#include <string>

#include "control/injector/injector.h"
#include "control/sidecar.h"
#include "proxy/base/time.h"

namespace outrigger::control::cli {

inline constexpr int kOk = 0;
inline constexpr int kFinding = 1;
inline constexpr int kUnusable = 2;

/// Runs the sidecar until it is told to end.
int runSidecar(const Sidecar::Options& options);

int showVersion(bool json);

/// Puts sidecars into a file of Kubernetes' objects; "-" is the standard input. `json`: how it is printed.
struct InjectOptions {
  std::string file;
  std::optional<std::string> configFile;  ///< injector.yaml; without it, the built-in settings
  bool json = false;
};
int injectFile(const InjectOptions& options);

/// Runs the injector's webhook until it is told to end.
int runInjector(const injector::Injector::Options& options);

/// A sidecar, toy services and traffic in one process, live in the terminal; for that long, or until it is stopped.
int runDemo(std::optional<Duration> length);

}  // namespace outrigger::control::cli
