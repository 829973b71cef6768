// Loads a config file: from its bytes to a Model, or to the full list of what is wrong. Pure: the environment comes in
// as a function, the filters' schemas as a list. Any thread; the results are immutable.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "config/environment.h"
#include "config/filter_schema.h"
#include "config/model.h"

namespace outrigger::config {

/// A part of a config: a file's text, and its name for messages.
struct Layer {
  Bytes text;
  std::string fileName;
};

struct LoadResult {
  std::shared_ptr<const Model> model;   ///< nullptr: there is at least one error
  std::vector<Diagnostic> diagnostics;  ///< errors and warnings, in the order of their places
  std::vector<std::string> files;       ///< names of the layers, by Place::file
  Node effective;                       ///< the file with every default in its place, for effectiveValues(); as model
};

/// `text` and `filters` are used during the call only. `fileName` stands in the messages.
LoadResult load(Bytes text, std::string fileName, const EnvironmentLookup& environment,
                std::span<const FilterSchema> filters);

/// Several files as one: each is laid over the ones before it, maps key by key, everything else whole. At least one.
LoadResult load(std::span<const Layer> layers, const EnvironmentLookup& environment,
                std::span<const FilterSchema> filters);

/// A tree that was read already, as a part of another file perhaps. Its findings are reported to `diagnostics`, and the
/// result has none of its own.
LoadResult loadTree(const Node& tree, const EnvironmentLookup& environment, std::span<const FilterSchema> filters,
                    Diagnostics& diagnostics);

/// The layers as one tree, before the environment was put in; nullopt: one of them cannot be read.
std::optional<Node> readLayers(std::span<const Layer> layers);

/// "FILE:LINE:COL" of a place in what was loaded.
std::string placeText(const LoadResult& loaded, Place place);

}  // namespace outrigger::config
