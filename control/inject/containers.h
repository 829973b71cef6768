// What is put into a pod, as JSON: the sidecar, the init container that redirects, volumes. Pure.
#pragma once

#include "control/inject/config_judge.h"
#include "control/inject/pod.h"
#include "control/inject/settings.h"
#include "control/inject/wishes.h"

namespace outrigger::control::inject {

/// All that is known once a pod is to get a sidecar. Lives during one injection.
struct Plan {
  const Settings& settings;
  const Pod& pod;
  const Wishes& wishes;
  std::string defaults;  ///< YAML text
  ConfigVerdict config;
  bool hasApp = false;  ///< somebody may call it
};

Json sidecarContainer(const Plan& plan);
Json redirectContainer(const Plan& plan);

Json configVolume();
Json identityVolume(const Plan& plan);
/// The token of the pod's service account, as every pod gets it that does not switch it off.
Json tokenVolume();
/// The sidecar needs the token, and no container of the pod has it to share.
bool needsTokenVolume(const Plan& plan);

}  // namespace outrigger::control::inject
