// Puts the sidecar into a pod: from what the pod, its namespace and the injector's settings say, to a JSON Patch or to
// a refusal in words. Pure and deterministic; a pod that has its sidecar gets an empty patch.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "control/inject/patch.h"
#include "control/inject/refusal.h"

namespace outrigger::control::inject {

struct Request {
  const Json& pod;                               ///< or a pod template
  std::string nameSpace;                         ///< empty: unknown
  const Labels* namespaceLabels = nullptr;       ///< nullptr: unknown
  const std::string* namespaceConfig = nullptr;  ///< text of the ConfigMap `outrigger`; nullptr: there is none
  bool configUnknown = false;                    ///< whether there is one could not be found out
};

struct Injection {
  Json patch;                         ///< an array of steps; empty: nothing is to be done
  Json pod;                           ///< patched
  std::string summary;                ///< what was done, for people
  std::vector<std::string> warnings;  ///< sentences
};

std::expected<Injection, Refusal> inject(const Request& request, const Settings& settings);

}  // namespace outrigger::control::inject
