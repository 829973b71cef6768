// The names that users, the chart and the sidecar share. Constants.
#pragma once

#include <cstdint>

namespace outrigger::control::inject {

// Labels and annotations of pods, and a label of namespaces.
inline constexpr const char* kDomain = "outrigger.dev/";
inline constexpr const char* kInject = "outrigger.dev/inject";
inline constexpr const char* kAppPort = "outrigger.dev/app-port";
inline constexpr const char* kProtocol = "outrigger.dev/protocol";
inline constexpr const char* kRedirect = "outrigger.dev/redirect";
inline constexpr const char* kNative = "outrigger.dev/native";
inline constexpr const char* kSkipOutboundPorts = "outrigger.dev/skip-outbound-ports";
inline constexpr const char* kSkipInboundPorts = "outrigger.dev/skip-inbound-ports";
inline constexpr const char* kCpuRequest = "outrigger.dev/cpu-request";
inline constexpr const char* kCpuLimit = "outrigger.dev/cpu-limit";
inline constexpr const char* kMemoryRequest = "outrigger.dev/memory-request";
inline constexpr const char* kMemoryLimit = "outrigger.dev/memory-limit";
// Set by us.
inline constexpr const char* kStatus = "outrigger.dev/status";
inline constexpr const char* kDefaults = "outrigger.dev/defaults";

inline constexpr const char* kSidecar = "outrigger";
inline constexpr const char* kRedirecter = "outrigger-redirect";

// The namespace's ConfigMap, its key, and the volumes.
inline constexpr const char* kConfigMap = "outrigger";
inline constexpr const char* kConfigKey = "outrigger.yaml";
inline constexpr const char* kConfigVolume = "outrigger-config";
inline constexpr const char* kConfigFolder = "/etc/outrigger";
inline constexpr const char* kIdentityVolume = "outrigger-identity";
inline constexpr const char* kIdentityFolder = "/etc/outrigger-identity";
inline constexpr const char* kTokenVolume = "outrigger-token";
inline constexpr const char* kTokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

// Our listeners stand in this range; an app's port in it would not be reached, or not open.
inline constexpr uint16_t kFirstOwnPort = 15100;
inline constexpr uint16_t kLastOwnPort = 15190;
inline constexpr uint16_t kInboundPort = 15106;

}  // namespace outrigger::control::inject
