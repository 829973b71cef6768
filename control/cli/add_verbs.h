// How a verb declares itself: adds its subcommand to the command line, and once that is read sets `action` to what runs
// it. One file for each verb; command_line.cc lists them.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace outrigger::control::cli {

/// Returns the exit code.
using Action = std::function<int()>;
using AddVerb = void (*)(CLI::App& app, Action& action);

void addRedirect(CLI::App& app, Action& action);
void addReference(CLI::App& app, Action& action);
void addUp(CLI::App& app, Action& action);
void addCheck(CLI::App& app, Action& action);
void addDiff(CLI::App& app, Action& action);
void addExplain(CLI::App& app, Action& action);
void addFmt(CLI::App& app, Action& action);
void addSchema(CLI::App& app, Action& action);
void addDoctor(CLI::App& app, Action& action);
void addCompletion(CLI::App& app, Action& action);
void addMan(CLI::App& app, Action& action);

// These ask a running sidecar.
void addBundle(CLI::App& app, Action& action);
void addConfig(CLI::App& app, Action& action);
void addDrain(CLI::App& app, Action& action);
void addEndpoint(CLI::App& app, Action& action);
void addLogLevel(CLI::App& app, Action& action);
void addReload(CLI::App& app, Action& action);
void addStatus(CLI::App& app, Action& action);
void addTap(CLI::App& app, Action& action);
void addTop(CLI::App& app, Action& action);
void addWhy(CLI::App& app, Action& action);

}  // namespace outrigger::control::cli
