// Schemas of three filters, as filters bring them, and an environment, for tests of the loader.
#pragma once

#include <array>

#include "config/filter_schema.h"
#include "config/load.h"

namespace outrigger::config {

/// `headers`, `local-rate-limit`, `fault`.
std::span<const FilterSchema> stubFilters();

/// NAME is "value", PORT "8080", BAD "abc", EMPTY empty, SECRET "top secret "; everything else is unset.
EnvironmentLookup stubEnvironment();

/// load() with both, as "outrigger.yaml".
LoadResult loadText(Bytes text);

/// One line for each finding: `LINE:COL CODE message [try: ...]`.
std::string brief(const std::vector<Diagnostic>& diagnostics);

/// What the stub of `local-rate-limit` reads.
struct RateLimitSettings {
  uint32_t requests = 0;
  Duration per = 1s;
  uint32_t burst = 0;
};
extern const Shape kRateLimitShape;

}  // namespace outrigger::config
