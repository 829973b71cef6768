// `outrigger why`: the story of one request, from the ring that a running sidecar keeps.
#include "control/cli/add_verbs.h"
#include "control/cli/asking.h"
#include "control/cli/spoken.h"
#include "control/percent.h"

namespace outrigger::control::cli {
namespace {

struct WhyOptions : AskOptions {
  std::string id;
};

std::string requestText(const Json& request) {
  std::string text = request.at("time").get<std::string>() + "  " + request.at("id").get<std::string>();
  if (const auto trace = request.at("trace").get<std::string>(); !trace.empty()) text += "  trace " + trace;
  text += "\n";
  for (const Json& words : request.at("words")) text += "  " + words.get<std::string>() + "\n";
  return text;
}

std::string decisionText(const Json& decision) {
  std::string text = "  " + decision.at("time").get<std::string>() + "  " + decision.at("text").get<std::string>();
  if (decision.contains("rule")) text += " (" + decision.at("rule").get<std::string>() + ")";
  return text + "\n";
}

std::string storyText(const Json& page) {
  std::string text;
  for (const Json& request : page.at("requests")) text += requestText(request);
  if (!page.at("decisions").empty()) text += "\nat that time:\n";
  for (const Json& decision : page.at("decisions")) text += decisionText(decision);
  return text;
}

// What it means that nothing was found, and where else to look.
std::string missingText(const std::string& id, const Json& kept) {
  std::string text = "nothing is kept of `" + harmless(id) +
                     "`: the sidecar remembers requests out of the ordinary (failed, " + "retried, hedged), the last " +
                     std::to_string(kept.at("most_per_worker").get<uint64_t>()) + " of each worker, and now has " +
                     std::to_string(kept.at("requests").get<uint64_t>());
  if (kept.contains("since")) text += ", the oldest of " + kept.at("since").get<std::string>();
  return text + "; with `log: {access: all}` the access log has every request";
}

std::expected<int, std::string> tell(AdminClient& sidecar, const WhyOptions& options) {
  const auto page = sidecar.get("/api/why?id=" + percentEncoded(options.id));
  if (!page) return std::unexpected(page.error());
  const bool found = page->at("found").get<bool>();
  if (options.json) {
    print(jsonText(*page));
  } else if (found) {
    print(harmless(storyText(*page), true));
  } else {
    return std::unexpected(missingText(options.id, page->at("kept")));
  }
  return found ? kOk : kFinding;
}

}  // namespace

void addWhy(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("why", "Tell what became of a request, and why");
  auto options = std::make_shared<WhyOptions>();
  addAskOptions(*verb, *options);
  verb->add_option("REQUEST-ID", options->id, "What x-request-id says, or the trace id")->required();
  verb->footer(
      "Example: outrigger why 4bf92f3577b34da6a3ce929d0e0e4736\n"
      "Exit code: 0 told, 1 nothing is kept of it, or no sidecar answers.");
  verb->callback([options, &action] {
    action = [options] {
      return withSidecar("why", *options, [&](AdminClient& sidecar) { return tell(sidecar, *options); });
    };
  });
}

}  // namespace outrigger::control::cli
