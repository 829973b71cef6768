// YAML text to Node, strictly: one document, each key once, no aliases, anchors, merges, tags or directives, at most 64
// levels, 10 MiB and 1 MiB in one line, UTF-8 without control characters. The only user of the YAML library, which
// never prints: what it finds becomes our diagnostics. Pure; any thread.
#pragma once

#include <optional>

#include "config/diagnostic.h"
#include "config/node.h"

namespace outrigger::config {

inline constexpr size_t kMostOctets = 10 * 1024 * 1024;
inline constexpr size_t kMostLevels = 64;

/// Whose YAML it is.
enum class Dialect : uint8_t {
  Config,    ///< ours: as above
  Manifest,  ///< of Kubernetes' objects: values may go on in the next line, keys may hold `${`, the file may be empty
};

/// Reads the text of `diagnostics`. nullopt: nothing of it can be used, and the reason is reported. Other findings
/// leave Invalid nodes where they stand.
std::optional<Node> readYaml(Source source, Diagnostics& diagnostics, Dialect dialect = Dialect::Config);

}  // namespace outrigger::config
