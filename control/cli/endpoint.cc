// `outrigger endpoint`: the endpoints of upstreams; which are used, and which one takes out by hand.
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/spoken.h"
#include "control/cli/status_text.h"

namespace outrigger::control::cli {
namespace {

struct EndpointOptions : AskOptions {
  std::string upstream;
  std::string address;
  std::string time;
};

using Told = std::expected<int, std::string>;

std::string namesOf(const Json& upstreams) {
  std::string names;
  for (const Json& upstream : upstreams) {
    names += (names.empty() ? "" : ", ") + upstream.at("name").get<std::string>();
  }
  return names.empty() ? "it has none" : "it has " + names;
}

Told list(AdminClient& sidecar, const EndpointOptions& options) {
  const auto page = sidecar.get("/api/upstreams");
  if (!page) return std::unexpected(page.error());
  Json shown = Json::array();
  for (const Json& upstream : page->at("upstreams")) {
    if (options.upstream.empty() || upstream.at("name") == options.upstream) shown.push_back(upstream);
  }
  if (shown.empty() && !options.upstream.empty()) {
    return std::unexpected("the sidecar at " + sidecar.where() + " has no upstream '" + options.upstream +
                           "': " + namesOf(page->at("upstreams")));
  }
  if (options.json) {
    printJson(Json{{"upstreams", shown}});
  } else {
    printText(endpointTable(*page, options.upstream).text());
  }
  return kOk;
}

}  // namespace

void addEndpoint(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("endpoint", "Look at the endpoints of upstreams");
  verb->require_subcommand(1);
  auto options = std::make_shared<EndpointOptions>();
  CLI::App* listVerb = verb->add_subcommand("list", "List them: state, share, load, failures");
  addAskOptions(*listVerb, *options);
  listVerb->add_option("UPSTREAM", options->upstream, "Of this upstream only");
  listVerb->callback([options, &action] {
    action = [options] {
      return withSidecar("endpoint list", *options, [&](AdminClient& sidecar) { return list(sidecar, *options); });
    };
  });
}

}  // namespace outrigger::control::cli
