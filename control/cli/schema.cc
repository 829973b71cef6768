#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/cli/add_verbs.h"
#include "control/cli/verbs.h"
#include "control/schema/json_schema.h"
#include "filters/registry.h"

namespace outrigger::control::cli {

void addSchema(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("schema", "Print the JSON Schema of the config file, for editors");
  verb->add_flag("--json")->description("Print JSON; it is JSON always");
  verb->footer(
      "Example: outrigger schema > outrigger.schema.json\n"
      "An editor with the YAML language server completes and checks a config file that begins with the line\n"
      "  # yaml-language-server: $schema=./outrigger.schema.json\n"
      "It checks keys, kinds, words and forms; `outrigger check` checks everything. Exit code: 0.");
  verb->callback([&action] {
    action = [] {
      const std::string text = schema::jsonSchema(filters::schemas()).dump(2) + "\n";
      std::fwrite(text.data(), 1, text.size(), stdout);
      return kOk;
    };
  });
}

}  // namespace outrigger::control::cli
