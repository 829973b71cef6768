#include "control/cli/output.h"

#include "control/cli/spoken.h"

namespace outrigger::control::cli {

int fail(const std::string& verb, int code, const std::string& what, bool json) {
  if (json) print(jsonLine({{"error", what}}));
  const std::string who = verb.empty() ? "outrigger" : "outrigger " + verb;
  std::fprintf(stderr, "%s: %s%s", who.c_str(), harmless(what, true).c_str(), what.ends_with('\n') ? "" : "\n");
  return code;
}

}  // namespace outrigger::control::cli
