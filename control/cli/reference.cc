#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/cli/add_verbs.h"
#include "control/cli/verbs.h"
#include "control/doctor/checks.h"
#include "control/reference/reference.h"
#include "filters/registry.h"

namespace outrigger::control::cli {
namespace {

std::string page(const std::string& topic) {
  if (topic == "config") return reference::configKeys();
  if (topic == "codes") return reference::configCodes();
  if (topic == "reasons") return reference::reasons();
  if (topic == "metrics") return reference::metrics();
  if (topic == "checks") return doctor::checkTable();
  return reference::filterTables(filters::schemas());
}

}  // namespace

void addReference(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("reference", "Print a page of the reference, as Markdown")->group("");
  auto topic = std::make_shared<std::string>();
  verb->add_option("TOPIC", *topic, "Which page")
      ->required()
      ->check(CLI::IsMember({"config", "codes", "reasons", "metrics", "filters", "checks"}));
  verb->footer("Example: outrigger reference reasons. `./dev docs` puts the pages where they stand. Exit code: 0.");
  verb->callback([topic, &action] {
    action = [topic] {
      const std::string text = page(*topic);
      std::fwrite(text.data(), 1, text.size(), stdout);
      return kOk;
    };
  });
}

}  // namespace outrigger::control::cli
