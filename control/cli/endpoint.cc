// `outrigger endpoint`: the endpoints of upstreams; which are used, and which one takes out by hand.
#include "config/quantity.h"
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/spoken.h"
#include "control/cli/status_text.h"
#include "control/names.h"
#include "control/percent.h"

namespace outrigger::control::cli {
namespace {

struct EndpointOptions : AskOptions {
  std::string upstream;
  std::string address;
  std::string time;
};

using Told = std::expected<int, std::string>;

std::string nameOf(const Json& upstream) {
  return upstream.at("name").get<std::string>();
}

// What has come of an order.
std::string sentence(const EndpointOptions& options, const Json& done) {
  const std::string what = harmless(options.address) + " of " + harmless(options.upstream);
  const auto result = done.at("result").get<std::string>();
  if (result == "not ejected") return what + " was not ejected: there was nothing to restore\n";
  const auto time = done.find("for_ms");  // older sidecars do not say it
  if (time == done.end()) return what + " " + result + "\n";
  return what + " ejected for " + spanText(std::chrono::milliseconds(time->get<int64_t>())) +
         "; `outrigger endpoint restore` brings it back sooner\n";
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
                           "': " + namesOf(page->at("upstreams"), nameOf));
  }
  tell(options, Json{{"upstreams", shown}}, [&] { return endpointTable(*page, options.upstream).text(); });
  return kOk;
}

Told order(AdminClient& sidecar, const EndpointOptions& options, const char* what) {
  Json body = nullptr;
  if (!options.time.empty()) {
    const auto time = config::readDuration(options.time);
    if (!time) return std::unexpected("--for " + time.error().what);  // addOrder() has checked it
    body = Json{{"for_ms", wholeMilliseconds(*time)}};
  }
  const auto done = sidecar.post(
      "/api/endpoints/" + percentEncoded(options.upstream) + "/" + percentEncoded(options.address) + "/" + what, body);
  if (!done) return std::unexpected(done.error());
  tell(options, *done, [&] { return sentence(options, *done); });
  return kOk;
}

// What a sidecar takes.
std::string checkedTime(const std::string& text) {
  const auto time = config::readDuration(text);
  if (!time) return "--for " + time.error().what;
  return *time < 1ms || *time > 24h ? std::string("--for is 1ms to 24h") : std::string();
}

void addOrder(CLI::App& verb, Action& action, const char* what, const char* about) {
  auto options = std::make_shared<EndpointOptions>();
  CLI::App* orderVerb = verb.add_subcommand(what, about);
  addAskOptions(*orderVerb, *options);
  orderVerb->add_option("UPSTREAM", options->upstream, "Its upstream")->required();
  orderVerb->add_option("ADDRESS", options->address, "Its address, as `endpoint list` shows it")->required();
  if (std::string(what) == "eject") {
    orderVerb->add_option("--for", options->time, "For so long, such as 10m, a day at most; without it, 5m")
        ->type_name("TIME")
        ->check(checkedTime);
  }
  orderVerb->footer(
      "Example: outrigger endpoint " + std::string(what) +
      " payments 10.0.0.7:8080\n"
      "Needs `admin: {actions: true}` in the sidecar's file. Exit code: 0 done, or nothing to do, 1 not done.");
  orderVerb->callback([options, what, &action] {
    action = [options, what] {
      return withSidecar(std::string("endpoint ") + what, *options,
                         [&](AdminClient& sidecar) { return order(sidecar, *options, what); });
    };
  });
}

}  // namespace

void addEndpoint(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("endpoint", "Look at the endpoints of upstreams; take one out by hand");
  verb->require_subcommand(1);
  verb->footer("Example: outrigger endpoint list");
  auto options = std::make_shared<EndpointOptions>();
  CLI::App* listVerb = verb->add_subcommand("list", "List them: state, ramp-up, load, failures");
  addAskOptions(*listVerb, *options);
  listVerb->add_option("UPSTREAM", options->upstream, "Of this upstream only");
  listVerb->footer("Example: outrigger endpoint list payments\nExit code: 0 told, 1 no sidecar answers.");
  listVerb->callback([options, &action] {
    action = [options] {
      return withSidecar("endpoint list", *options, [&](AdminClient& sidecar) { return list(sidecar, *options); });
    };
  });
  addOrder(*verb, action, "eject", "Take one out for a while; never the last one that may be used");
  addOrder(*verb, action, "restore", "Bring one back that was taken out, by hand or by ejection");
}

}  // namespace outrigger::control::cli
