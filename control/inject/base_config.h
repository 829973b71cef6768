// The config that a pod's sidecar begins with: what the injector was told, with what is known of this pod put in. Pure.
#pragma once

#include <string>

#include "control/inject/pod.h"
#include "control/inject/settings.h"
#include "control/inject/wishes.h"

namespace outrigger::control::inject {

/// The app's ports: those that the pod names, or the TCP ports of its first container that has any. Empty: none.
std::vector<uint16_t> appPortsOf(const Pod& pod, const Wishes& wishes);

/// Paths of the HTTP probes at these ports, each once.
std::vector<std::string> probePathsOf(const Pod& pod, const std::vector<uint16_t>& ports);

struct AppFacts {
  std::vector<uint16_t> ports;  ///< empty: nobody calls the pod
  std::vector<std::string> probes;
};

/// YAML text. `namesItsApp`: the namespace's config says itself where the app is.
std::string baseConfig(const Settings& settings, const Wishes& wishes, const AppFacts& app, bool namesItsApp);

/// Whether a config says where the app is.
bool namesAnApp(const config::Node& config);

}  // namespace outrigger::control::inject
