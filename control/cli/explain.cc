#include <CLI/CLI.hpp>
#include <algorithm>

#include "config/code.h"
#include "config/diagnostic.h"
#include "config/nearest.h"
#include "control/cli/add_verbs.h"
#include "control/cli/explain_code.h"
#include "control/cli/output.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

int unknown(const std::string& word) {
  std::vector<std::string> codes;
  for (const config::CodeRow& row : config::allCodes()) codes.push_back(config::codeText(row.code));
  const std::vector<Bytes> candidates(codes.begin(), codes.end());
  const auto near = config::nearest(word, candidates);
  return fail("explain", kUnusable,
              "there is no code " + config::inQuotes(word) + "; try: " + (near ? std::string(*near) : "OR204"));
}

int explain(const std::string& word, bool json) {
  const config::CodeRow* row = config::findCode(word);
  if (row == nullptr) return unknown(word);
  return explainCode(*row, json);
}

}  // namespace

void addExplain(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("explain", "Say what a code of `check` means");
  auto word = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  verb->add_option("CODE", *word, "A code, such as OR204")->required();
  verb->add_flag("--json", *json, "Print JSON");
  verb->footer("Example: outrigger explain OR204\nExit code: 0 it is explained, 2 there is no such code.");
  verb->callback([=, &action] { action = [=] { return explain(*word, *json); }; });
}

}  // namespace outrigger::control::cli
