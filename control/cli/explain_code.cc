#include "control/cli/explain_code.h"

#include "config/code_example.h"
#include "control/cli/output.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {
namespace {

std::string indented(Bytes text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    out += "  " + std::string(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

}  // namespace

int explainCode(const config::CodeRow& row, bool json) {
  const bool isError = config::severityOf(row.code) == config::Severity::Error;
  const std::string code = config::codeText(row.code);
  const std::string meaning(row.explanation);
  const config::CodeExample& example = *config::exampleOf(row.code);
  const std::string note(example.standInMeans);
  if (json) {
    Json all{{"code", code}, {"severity", isError ? "error" : "warning"}, {"meaning", meaning}};
    all["wrong"] = std::string(example.wrong);
    if (!note.empty()) all["note"] = note;
    all["right"] = std::string(example.right);
    print(jsonText(all));
    return kOk;
  }
  print(code + (isError ? ", an error: the file is not used.\n" : ", a warning: the file is used all the same.\n") +
        meaning + "\n");
  print("\nwrong:\n" + indented(example.wrong) + (note.empty() ? "" : "(" + note + ")\n"));
  print("\nright:\n" + indented(example.right));
  return kOk;
}

}  // namespace outrigger::control::cli
