#include <cstdio>

#include "control/cli/verbs.h"

namespace outrigger::control::cli {

int showVersion(bool json) {
  std::printf(json ? "{\"version\": \"%s\"}\n" : "outrigger %s\n", OUTRIGGER_VERSION);
  return kOk;
}

}  // namespace outrigger::control::cli
