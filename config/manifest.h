// Files of Kubernetes' objects: YAML with any number of documents, each as JSON text, so that whoever works on them
// needs no YAML. Strings stay strings, other plain scalars become what Kubernetes reads them as. Strict like our own
// config about aliases, anchors, tags and keys that stand twice. Pure.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "config/node.h"

namespace outrigger::config {

struct ManifestDocument {
  Bytes text;        ///< as it stands in the file, with the line `---` before it where there is one
  std::string json;  ///< "null": nothing stands in it
};

/// `text` outlives the result. The error: what is wrong with the first bad document. `fileName` stands in messages.
std::expected<std::vector<ManifestDocument>, std::vector<Diagnostic>> readManifest(Bytes text,
                                                                                   const std::string& fileName);

/// A tree of the Manifest dialect as JSON text.
std::string jsonText(const Node& node);

}  // namespace outrigger::config
