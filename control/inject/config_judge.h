// What `outrigger check` would say of the config that a pod's sidecar is going to read: the defaults that come with the
// pod, and the namespace's ConfigMap over them. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/load.h"

namespace outrigger::control::inject {

struct ConfigVerdict {
  std::string errors;  ///< all of them with their places; empty: it is usable
  uint16_t telemetryPort = 15190;
  std::string inboundPort = "15106";         ///< "none": there is no such listener
  std::string outboundPort = "15101";        ///< likewise
  std::vector<uint16_t> ownPorts;            ///< of its listeners, ascending
  std::vector<uint16_t> skipPorts;           ///< of connections that are not redirected
  std::vector<std::string> skipCidrs;        ///< likewise
  std::string outbound = "127.0.0.1:15101";  ///< empty: there is none
  bool readsKubernetes = false;              ///< it follows services of Kubernetes: it needs a token
};

/// `namespaceText`: of the ConfigMap; nullptr: there is none. Values from the sidecar's environment are its pod's where
/// the injector puts them there, else taken for numbers, or for durations; a config that fits neither is refused.
ConfigVerdict judgeConfig(const std::string& defaults, const std::string* namespaceText, const std::string& nameSpace);

}  // namespace outrigger::control::inject
