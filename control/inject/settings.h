// What the injector is told (injector.yaml): which image stands beside the app, with what config, and where not.
// A plain value; any thread.
#pragma once

#include <string>
#include <vector>

#include "config/node.h"
#include "proxy/base/address.h"

namespace outrigger::control::inject {

/// An amount of something a container may use, as Kubernetes writes it: {"cpu", "10m"}.
using Quantities = std::vector<std::pair<std::string, std::string>>;

struct ResourceSettings {
  Quantities requests{{"cpu", "10m"}, {"memory", "16Mi"}};
  Quantities limits{{"memory", "128Mi"}};
};

struct SidecarSettings {
  std::string image = "outrigger:" OUTRIGGER_VERSION;
  std::string imagePullPolicy = "IfNotPresent";
  bool native = true;  ///< an init container with `restartPolicy: Always`; else a plain container
  uint32_t uid = 15100;
  bool redirect = false;
  ResourceSettings resources;
  uint32_t gracePeriod = 30;   ///< seconds; a pod with less gets this
  bool httpProxy = false;      ///< HTTP_PROXY and NO_PROXY in the app's containers
  std::string identitySecret;  ///< mounted at /etc/outrigger-identity; empty: none
};

struct Settings {
  SidecarSettings sidecar;
  config::Node config;  ///< the base of every sidecar's config: a map
  std::vector<std::string> ignoreNamespaces{"kube-system", "kube-public", "kube-node-lease"};
};

}  // namespace outrigger::control::inject
