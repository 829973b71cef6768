// What a filter tells the loader about its settings. The loader knows no filter by name: it is given a list of these.
//
// A filter's settings are a struct and a table of fields (schema.h):
//
//   struct Settings { uint32_t requests = 0; Duration per = 1s; };
//   constexpr Field kFields[] = {
//       {"requests", integer(1, 1'000'000), "How many may pass in each period.", into<&Settings::requests>, true,
//        "requests: 100"},
//       {"per", duration(1ms, 1h), "The period.", into<&Settings::per>},
//   };
//   constexpr Shape kShape = shapeOf<Settings>("local-rate-limit", kFields);
//   const FilterSchema kSchema{"local-rate-limit", "Lets so many requests pass, and answers 429 to the rest.",
//   map(kShape)};
//
// and, where the filter is built from a FilterModel: `Settings settings; fill(settings, model.settings, kShape);`.
#pragma once

#include "config/bind.h"
#include "config/schema.h"

namespace outrigger::config {

struct FilterSchema {
  Bytes name;
  Bytes doc;  ///< one sentence
  Type type;  ///< of the settings behind the name; usually map(SHAPE)
  /// What a table cannot say: keys that exclude each other, and the like. Gets sound settings; may be nullptr.
  void (*alsoCheck)(const Node& settings, Diagnostics& diagnostics) = nullptr;
};

}  // namespace outrigger::config
