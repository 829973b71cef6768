// The built-in defaults: YAML texts, read by the same reader as the operator's file, so that every effective value has
// an origin. Constants.
#pragma once

#include "config/node.h"

namespace outrigger::config {

/// A whole file: every section that has defaults, and the policies `default` and `inbound`.
Node builtInFile();

/// What every upstream says that does not say otherwise; without endpoints.
Node builtInUpstream();

/// What a health check says that does not say otherwise.
Node builtInHealth();

/// What the app says that does not say otherwise.
Node builtInApp();

/// What the `tls` of the app, or of an upstream, says that does not say otherwise.
Node builtInAppTls();
Node builtInUpstreamTls();

/// What `access` says that does not say otherwise.
Node builtInAccess();
Node builtInTracing();

}  // namespace outrigger::config
