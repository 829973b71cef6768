// What a pod asks for by its label and annotations. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "control/inject/pod.h"
#include "control/inject/settings.h"

namespace outrigger::control::inject {

struct Wishes {
  std::optional<bool> inject;  ///< nullopt: the pod says nothing
  /// `outrigger.dev/app-port`; nullopt: not said; empty: "none", nobody calls the pod.
  std::optional<std::vector<uint16_t>> appPorts;
  std::string protocol;  ///< empty: not said
  bool redirect = false;
  bool native = true;
  std::vector<uint16_t> skipOutboundPorts;
  std::vector<uint16_t> skipInboundPorts;
  ResourceSettings resources;
  std::vector<std::string> unknown;  ///< annotations of our domain that nobody knows
};

/// Over what the settings say. The error names the annotation, and what would be right.
std::expected<Wishes, std::string> readWishes(const Pod& pod, const SidecarSettings& settings);

}  // namespace outrigger::control::inject
