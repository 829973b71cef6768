// The hosts by which upstreams are reached without a route of their own: the upstream's name; the name that its
// endpoints are looked up by; and what is left of that when labels are dropped at its end, where exactly one upstream
// fits. Inside of the loader; immutable.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "config/model.h"

namespace outrigger::config {

class ImplicitHosts {
 public:
  explicit ImplicitHosts(const std::vector<UpstreamModel>& upstreams);

  /// Of the upstream of that number, its own name first; in lower case.
  const std::vector<std::string>& of(size_t upstream) const { return hosts_[upstream]; }

 private:
  std::vector<std::vector<std::string>> hosts_;
};

}  // namespace outrigger::config
