#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/status_text.h"

namespace outrigger::control::cli {
namespace {

struct StatusOptions : AskOptions {
  bool check = false;
};

std::expected<int, std::string> showStatus(AdminClient& sidecar, const StatusOptions& options) {
  auto status = sidecar.get("/api/status");
  if (!status) return std::unexpected(status.error());
  auto upstreams = sidecar.get("/api/upstreams");
  if (!upstreams) return std::unexpected(upstreams.error());
  auto decisions = sidecar.get("/api/decisions");
  if (!decisions) return std::unexpected(decisions.error());
  const StatusPages pages{std::move(*status), std::move(*upstreams), std::move(*decisions)};
  tell(options, statusReport(pages), [&] { return statusText(pages); });
  return options.check && !troubles(pages).empty() ? kFinding : kOk;
}

}  // namespace

void addStatus(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("status", "Say how the running sidecar is, on one screen");
  auto options = std::make_shared<StatusOptions>();
  addAskOptions(*verb, *options);
  verb->add_flag("--check", options->check, "Exit with 1 where something is wrong");
  verb->footer(
      "Example: outrigger status --check\n"
      "Exit code: 0 told, 1 no sidecar answers; with --check, 1 too where something is wrong.");
  verb->callback([options, &action] {
    action = [options] {
      return withSidecar("status", *options, [&](AdminClient& sidecar) { return showStatus(sidecar, *options); });
    };
  });
}

}  // namespace outrigger::control::cli
