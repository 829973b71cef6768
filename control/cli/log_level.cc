// `outrigger log-level`: how much a running sidecar logs, until it is told otherwise or its config is applied anew.
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"

namespace outrigger::control::cli {
namespace {

struct LogLevelOptions : AskOptions {
  std::string level;
};

std::expected<int, std::string> setLevel(AdminClient& sidecar, const LogLevelOptions& options) {
  const auto answer = sidecar.post("/api/log-level", {{"level", options.level}});
  if (!answer) return std::unexpected(answer.error());
  tell(options, *answer, [&] {
    return "the sidecar at " + sidecar.where() + " logs at `" + answer->at("level").get<std::string>() +
           "` from now on, until its config is applied anew\n";
  });
  return kOk;
}

}  // namespace

void addLogLevel(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("log-level", "Let a running sidecar log more, or less");
  auto options = std::make_shared<LogLevelOptions>();
  addAskOptions(*verb, *options);
  verb->add_option("LEVEL", options->level, "From which level on lines are written")
      ->required()
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  verb->footer(
      "Example: outrigger log-level debug\n"
      "Needs `admin: {actions: true}` in its config. Exit code: 0 done, 1 refused, or no sidecar answers.");
  verb->callback([options, &action] {
    action = [options] {
      return withSidecar("log-level", *options, [&](AdminClient& sidecar) { return setLevel(sidecar, *options); });
    };
  });
}

}  // namespace outrigger::control::cli
