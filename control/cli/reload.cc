// `outrigger reload`: a running sidecar reads its config file now.
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/spoken.h"
#include "control/names.h"

namespace outrigger::control::cli {
namespace {

std::expected<int, std::string> reload(AdminClient& sidecar, const AskOptions& options) {
  const auto answer = sidecar.post("/api/reload");
  if (!answer) return std::unexpected(answer.error());
  tell(options, *answer, [&] {
    const bool applied = answer->at("result") == "applied";
    const char* what = applied ? " has applied its config file" : " has that config already: nothing has changed";
    std::string text = harmless("the sidecar at " + sidecar.where() + what) + "\n";
    if (answer->contains("needs_restart")) {
      const auto keys = answer->at("needs_restart").get<std::vector<std::string>>();
      text += harmless("needs a restart: " + joined(keys, ", ")) + "\n";
    }
    return text;
  });
  return kOk;
}

}  // namespace

void addReload(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("reload", "Let a running sidecar read its config file now");
  auto options = std::make_shared<AskOptions>();
  addAskOptions(*verb, *options);
  verb->footer(
      "Example: outrigger reload\n"
      "Needs `admin: {actions: true}` in its config; it follows the file by itself, too. Exit code: 0 applied, or\n"
      "nothing has changed; 1 the file is rejected and the config before it runs on, or no sidecar answers.");
  verb->callback([options, &action] {
    action = [options] {
      return withSidecar("reload", *options, [&](AdminClient& sidecar) { return reload(sidecar, *options); });
    };
  });
}

}  // namespace outrigger::control::cli
