// What the verbs that ask a running sidecar have in common: how one is named, and how a failure is told.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "control/cli/admin_client.h"
#include "control/cli/output.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {

/// The options of each such verb.
struct AskOptions {
  std::string admin;  ///< as typed; empty: not given
  bool json = false;
};

/// Adds `--admin` and `--json` to a verb.
void addAskOptions(CLI::App& verb, AskOptions& options);

/// What a sidecar has answered: as JSON where that is asked for, else in words.
void tell(const AskOptions& options, const Json& json, const std::function<std::string()>& words);

/// Finds the sidecar and lets `talk` ask it. What it returns is the exit code; an error is told as fail() does.
int withSidecar(const std::string& verb, const AskOptions& options,
                const std::function<std::expected<int, std::string>(AdminClient& sidecar)>& talk);

}  // namespace outrigger::control::cli
