// Puts sidecars into files of Kubernetes' objects, without a cluster: into pods and into the pod templates of
// workloads. What is no workload comes back octet by octet. Namespaces and ConfigMaps in the same file count. Pure.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "control/inject/injection.h"

namespace outrigger::control::inject {

enum class Format : uint8_t { Yaml, Json };

/// What became of one workload.
struct Report {
  std::string object;  ///< "Deployment shop/cart"
  std::string text;    ///< what was done, or why nothing was
  bool asked = false;  ///< nothing was, although it was asked for
};

struct Injected {
  std::string text;  ///< the documents
  std::vector<Report> reports;
};

/// The error: why the file cannot be read, with places. `fileName` stands in messages.
std::expected<Injected, std::string> injectManifests(Bytes text, const std::string& fileName, const Settings& settings,
                                                     Format format);

}  // namespace outrigger::control::inject
