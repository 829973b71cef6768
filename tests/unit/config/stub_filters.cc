#include "tests/unit/config/stub_filters.h"

#include <map>

#include "config/texts.h"

namespace outrigger::config {
namespace {

struct Change {
  HeaderList set, add;
  std::vector<std::string> remove;
};
struct HeadersSettings {
  Change request, response;
};
constexpr Type kValue = text(checkHeaderValue);
constexpr Type kName = text(checkOwnHeaderName);
constexpr Type kValues = names(checkOwnHeaderName, kValue).anyCase();
constexpr Field kChangeFields[] = {
    {"set", kValues, "Replaces.", into<&Change::set>},
    {"add", kValues, "Adds.", into<&Change::add>},
    {"remove", list(kName, 0, 50), "Removes.", into<&Change::remove>},
};
constexpr Shape kChangeShape = shapeOf<Change>("a change of headers", kChangeFields);
constexpr Field kHeadersFields[] = {
    {"request", map(kChangeShape), "Of the request.", into<&HeadersSettings::request>},
    {"response", map(kChangeShape), "Of the answer.", into<&HeadersSettings::response>},
};
constexpr Shape kHeadersShape = shapeOf<HeadersSettings>("the filter `headers`", kHeadersFields);

constexpr Field kRateLimitFields[] = {
    {"requests", integer(1, 1'000'000), "How many may pass.", into<&RateLimitSettings::requests>, true,
     "requests: 100"},
    {"per", duration(1ms, 1h), "In which time.", into<&RateLimitSettings::per>},
    {"burst", integer(0, 1'000'000), "How many more at once.", into<&RateLimitSettings::burst>},
};

struct Delay {
  double percent = 0;
  Duration time{};
};
struct Abort {
  double percent = 0;
  uint16_t status = 503;
};
struct FaultSettings {
  std::optional<Delay> delay;
  std::optional<Abort> abort;
  uint64_t seed = 0;
};
constexpr Field kDelayFields[] = {
    {"percent", percent(), "Of the requests.", into<&Delay::percent>, true, "percent: 5"},
    {"time", duration(1ms, 1h), "For how long.", into<&Delay::time>, true, "time: 100ms"},
};
constexpr Shape kDelayShape = shapeOf<Delay>("a delay", kDelayFields);
constexpr Field kAbortFields[] = {
    {"percent", percent(), "Of the requests.", into<&Abort::percent>, true, "percent: 5"},
    {"status", integer(400, 599), "With which status.", into<&Abort::status>},
};
constexpr Shape kAbortShape = shapeOf<Abort>("an abort", kAbortFields);
constexpr Field kFaultFields[] = {
    {"delay", map(kDelayShape), "Delays.", into<&FaultSettings::delay>},
    {"abort", map(kAbortShape), "Aborts.", into<&FaultSettings::abort>},
    {"seed", integer(0, INT64_MAX), "Of the random numbers.", into<&FaultSettings::seed>},
};
constexpr Shape kFaultShape = shapeOf<FaultSettings>("the filter `fault`", kFaultFields);

void checkFault(const Node& settings, Diagnostics& diagnostics) {
  if (settings.find("delay") != nullptr || settings.find("abort") != nullptr) return;
  diagnostics.report(Code::MissingKey, settings.place(), "the filter `fault` needs the key `delay` or `abort`");
}

}  // namespace

constexpr Shape kRateLimitShape = shapeOf<RateLimitSettings>("the filter `local-rate-limit`", kRateLimitFields);

std::span<const FilterSchema> stubFilters() {
  static const std::array<FilterSchema, 3> kSchemas{{
      {"headers", "Changes headers.", map(kHeadersShape), nullptr},
      {"local-rate-limit", "Limits the rate.", map(kRateLimitShape), nullptr},
      {"fault", "Fails on purpose.", map(kFaultShape), checkFault},
  }};
  return kSchemas;
}

EnvironmentLookup stubEnvironment() {
  return [](Bytes name) -> std::optional<std::string> {
    const std::map<Bytes, std::string> variables{
        {"NAME", "value"}, {"PORT", "8080"}, {"BAD", "abc"}, {"EMPTY", ""}, {"SECRET", "top secret "}};
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

LoadResult loadText(Bytes text) {
  return load(text, "outrigger.yaml", stubEnvironment(), stubFilters());
}

std::string brief(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    out += (out.empty() ? "" : "\n") + std::to_string(d.place.line) + ":" + std::to_string(d.place.column) + " " +
           codeText(d.code) + " " + d.message + (d.tryText.empty() ? "" : " [try: " + d.tryText + "]");
  }
  return out;
}

}  // namespace outrigger::config
