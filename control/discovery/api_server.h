// Where the API server of Kubernetes is, and what a pod shows to it: its environment and its service account tell. The
// control thread only.
#pragma once

#include <expected>
#include <string>

#include "config/environment.h"
#include "control/outcall/peer.h"

namespace outrigger::control::discovery {

/// Where a pod finds its service account: token, ca.crt, namespace.
inline constexpr const char* kServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/// As the variables KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT say. The error says what is missing, and what
/// would be right.
std::expected<outcall::Peer, std::string> findApiServer(const config::EnvironmentLookup& lookUp,
                                                        const std::string& serviceAccountFolder);

/// The namespace of our pod.
std::expected<std::string, std::string> ownNamespace(const std::string& serviceAccountFolder);

}  // namespace outrigger::control::discovery
