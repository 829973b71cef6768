// What the steps of load() share while the Model is made: inside of the loader; one thread, one call.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "config/filter_schema.h"
#include "config/model.h"
#include "config/policy_book.h"
#include "config/written.h"

namespace outrigger::config {

struct Draft {
  Draft(const Node& file, const Node& builtIn, std::span<const FilterSchema> schemas, Diagnostics& sink);

  const Node& written;  ///< the sound part of the file
  Node effective;       ///< its sections over the built-in ones
  std::span<const FilterSchema> filters;
  Diagnostics& diagnostics;
  PolicyBook policies;
  Model model;
  Node appPolicy;                      ///< effective
  std::vector<Node> upstreamPolicies;  ///< effective, in the order of model.upstreams
  std::vector<Node> upstreams;         ///< likewise
  std::map<std::string, size_t, std::less<>> upstreamIndex;
};

/// The effective policy that a map names; the built-in one if it was reported as unknown.
Node policyOf(const Node& map, Draft& draft);

/// The app and the upstreams: `draft.model.app`, `.upstreams`.
void readApp(Draft& draft);
Node effectiveApp(const Node& written);  ///< over the built-in values
void readUpstreams(Draft& draft);

/// How the app's callers, and an upstream's endpoints, are secured. `written` is the map of the app or the upstream.
AppTlsModel readAppTls(const Node& written, const WrittenAppTls& tls, const Draft& draft);
std::optional<UpstreamTlsModel> readUpstreamTls(const Node& written, std::optional<UpstreamTlsModel> tls,
                                                const Draft& draft);

/// Where spans go: `draft.model.tracing`.
void readTracing(Draft& draft);
Node effectiveTracing(const Node& written);  ///< over the built-in values

/// Who may call the app: `draft.model.access`. After the app.
void readAccess(Draft& draft);

/// The routes of the file, then the implicit ones: `draft.model.routes`. After the upstreams.
void readRoutes(Draft& draft);
void addImplicitRoutes(Draft& draft);

/// One route's filters: reports what is wrong, returns the sound ones.
std::vector<FilterModel> readFilters(const std::vector<Node>& written, Draft& draft);

/// Checks over the whole.
void checkListeners(const Draft& draft);
void checkShadowedRoutes(const Draft& draft);

}  // namespace outrigger::config
