// The shapes of a policy and of what a route may override of it. Constants.
#pragma once

#include "config/schema.h"
#include "proxy/policy/settings.h"

namespace outrigger::config {

extern const Shape kPolicyShape;    ///< fills a policy::PolicySettings
extern const Shape kOverrideShape;  ///< fills an OverrideSettings

/// The part of a policy that a route may override.
struct OverrideSettings {
  policy::TimeoutSettings timeout;
  policy::RetrySettings retry;
  policy::HedgeSettings hedge;
};

}  // namespace outrigger::config
