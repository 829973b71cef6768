// `outrigger top`: a running sidecar, live in the terminal.
#include <cstdio>

#include "config/quantity.h"
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/columns.h"
#include "control/cli/top_live.h"
#include "control/cli/top_text.h"
#include "control/environment.h"

namespace outrigger::control::cli {
namespace {

struct TopOptions : AskOptions {
  bool once = false;
  std::string interval = "1s";
};

using Told = std::expected<int, std::string>;

bool terminalTakesUtf8() {
  const auto variable = [](Bytes name) { return fromEnvironment(name).value_or(""); };
  return takesUtf8(variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG"));
}

Told once(AdminClient& sidecar, const TopOptions& options) {
  const auto state = sidecar.get("/api/live");
  if (!state) return std::unexpected(state.error());
  tell(options, options.json ? topReport(*state) : Json(), [&state] {
    std::string text;
    const TopView view{.columns = TopView::kNoLimit, .lines = TopView::kNoLimit, .utf8 = terminalTakesUtf8()};
    for (const TonedLine& line : topLines(*state, view)) text += line.text + "\n";
    return text;
  });
  return kOk;
}

Told follow(TopFollower&& follower) {
  const auto ended = follower.run();
  if (!ended) return std::unexpected(ended.error());
  return kOk;
}

Told watch(AdminClient& sidecar, const TopOptions& options) {
  const Duration interval = *config::readDuration(options.interval);
  if (options.once || (!options.json && !Screen::present())) return once(sidecar, options);
  if (options.json) return follow(TopLog(sidecar, interval));
  const bool colours = fromEnvironment("NO_COLOR").value_or("").empty() && fromEnvironment("TERM") != "dumb";
  return follow(TopScreen(sidecar, interval, terminalTakesUtf8(), colours));
}

}  // namespace

void addTop(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("top", "Watch a running sidecar, live in the terminal");
  auto options = std::make_shared<TopOptions>();
  addAskOptions(*verb, *options);
  verb->add_flag("--once", options->once, "Tell once, as plain text, and end; so too where the output is no terminal");
  verb->add_option("--interval", options->interval, "Time between two pictures, from 1s on")
      ->check([](const std::string& text) {
        const auto time = config::readDuration(text);
        if (!time) return "--interval " + time.error().what;
        return *time < 1s ? std::string("--interval is 1s or more: a sidecar tells once a second") : std::string();
      })
      ->type_name("TIME")
      ->capture_default_str();
  verb->footer(
      "Example: outrigger top --once --json\n"
      "What is in trouble stands first: open breakers, endpoints that are out, that fail, that are slow. q ends it. "
      "It\n"
      "stays through restarts of the sidecar. With --json one object a line, each interval. Exit code: 0 shown, 1 no\n"
      "sidecar answers at the start.");
  verb->callback([options, &action] {
    action = [options] {
      return withSidecar("top", *options, [&](AdminClient& sidecar) { return watch(sidecar, *options); });
    };
  });
}

}  // namespace outrigger::control::cli
