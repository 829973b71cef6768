// Any bytes as a config file: the loader never crashes, gives a model or at least one error, and everything it gives
// can be rendered. What the formatter makes of them is settled at once, and loads as they do.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "config/effective.h"
#include "config/format.h"
#include "config/load.h"

namespace outrigger::config {
namespace {

struct Settings {
  uint32_t requests = 0;
  Duration per = 1s;
};
constexpr Field kFields[] = {
    {"requests", integer(1, 1000), "How many.", into<&Settings::requests>, true, "requests: 100"},
    {"per", duration(1ms, 1h), "In which time.", into<&Settings::per>},
};
constexpr Shape kShape = shapeOf<Settings>("the filter `local-rate-limit`", kFields);

std::optional<std::string> variable(Bytes name) {
  if (name == "NAME") return "value";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "config_fuzz: %s\n", what);
  std::abort();
}

void checkDiagnostics(const LoadResult& result) {
  bool errors = false;
  Place last;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    errors |= diagnostic.severity() == Severity::Error;
    if (render(diagnostic).empty() || diagnostic.message.empty()) fail("an empty message");
    if (diagnostic.place < last) fail("the places do not ascend");
    last = diagnostic.place;
  }
  if ((result.model != nullptr) == errors) fail("neither a model nor an error, or both");
}

void checkModel(const LoadResult& result) {
  if (!result.model) return;
  if (effectiveValues(result.effective, "f.yaml").empty()) fail("nothing is in effect");
  for (const RouteModel& route : result.model->routes) {
    for (const FilterModel& filter : route.filters) {
      if (filter.name != "local-rate-limit") continue;
      Settings settings;
      fill(settings, filter.settings, kShape);
      if (settings.requests == 0) fail("a required value is missing");
    }
    const auto* to = std::get_if<ToModel>(&route.action);
    if (to != nullptr && to->targets.empty()) fail("a route without a target");
  }
  for (const UpstreamModel& upstream : result.model->upstreams) {
    if (upstream.endpoints.empty()) fail("an upstream without endpoints");
  }
}

void checkFormat(Bytes text, bool loads, std::span<const FilterSchema> filters) {
  const auto formatted = format(text, "f.yaml").text;
  if (!formatted) return;
  if (format(*formatted, "f.yaml").text != formatted) fail("the canonical form is not settled");
  if ((load(*formatted, "f.yaml", variable, filters).model != nullptr) != loads)
    fail("the canonical form says another");
}

}  // namespace
}  // namespace outrigger::config

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace outrigger::config;
  const FilterSchema filters[] = {{"local-rate-limit", "Limits.", map(kShape)}, {"headers", "Headers.", any()}};
  const outrigger::Bytes text(reinterpret_cast<const char*>(data), size);
  const LoadResult result = load(text, "f.yaml", variable, filters);
  checkDiagnostics(result);
  checkModel(result);
  checkFormat(text, result.model != nullptr, filters);
  return 0;
}
