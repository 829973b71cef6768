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

/// Where a config says that the app is: the ports; empty: it says nothing, or no port.
struct NamedApp {
  bool named = false;
  std::vector<uint16_t> ports;
};
NamedApp namedApp(const config::Node& config);

struct AppFacts {
  std::vector<uint16_t> ports;      ///< empty: nobody calls the pod, or its port is unknown
  std::vector<std::string> probes;  ///< paths
  bool byNamespace = false;         ///< the namespace's config tells the ports itself
};

/// YAML text.
std::string baseConfig(const Settings& settings, const Wishes& wishes, const AppFacts& app);

}  // namespace outrigger::control::inject
