#include "control/cli/explain_code.h"

#include "control/cli/output.h"
#include "control/cli/verbs.h"

namespace outrigger::control::cli {

int explainCode(const config::CodeRow& row, bool json) {
  const bool isError = config::severityOf(row.code) == config::Severity::Error;
  const std::string code = config::codeText(row.code);
  const std::string meaning(row.explanation);
  if (json) {
    print(jsonText({{"code", code}, {"severity", isError ? "error" : "warning"}, {"meaning", meaning}}));
  } else {
    print(code + (isError ? ", an error: the file is not used.\n" : ", a warning: the file is used all the same.\n") +
          meaning + "\n");
  }
  return kOk;
}

}  // namespace outrigger::control::cli
