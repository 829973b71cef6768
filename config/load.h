// Loads a config file: from its bytes to a Model, or to the full list of what is wrong. Pure: the environment comes in
// as a function, the filters' schemas as a list. Any thread; the results are immutable.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "config/environment.h"
#include "config/filter_schema.h"
#include "config/model.h"

namespace outrigger::config {

struct LoadResult {
  std::shared_ptr<const Model> model;   ///< nullptr: there is at least one error
  std::vector<Diagnostic> diagnostics;  ///< errors and warnings, in the order of their places
  Node effective;                       ///< the file with every default in its place, for effectiveValues(); as model
};

/// `text` and `filters` are used during the call only. `fileName` stands in the messages.
LoadResult load(Bytes text, std::string fileName, const EnvironmentLookup& environment,
                std::span<const FilterSchema> filters);

}  // namespace outrigger::config
