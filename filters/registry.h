// The filters that this program has: one explicit list. To add one, write filters/NAME/NAME.{h,cc} and a line in
// registry.cc.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "config/filter_schema.h"
#include "proxy/exchange/filter.h"

namespace outrigger::filters {

struct Registration {
  const config::FilterSchema& schema;
  /// Builds the filter from settings that the schema has found sound.
  std::shared_ptr<const exchange::Filter> (*make)(const config::Node& settings);
};

std::span<const Registration> all();

/// The schemas of all, for the loader.
std::vector<config::FilterSchema> schemas();

/// nullptr: no filter of that name.
std::shared_ptr<const exchange::Filter> make(Bytes name, const config::Node& settings);

}  // namespace outrigger::filters
