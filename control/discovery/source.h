// What tells where the endpoints of an upstream are, when the file names no addresses: DNS, Kubernetes. The control
// thread only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proxy/base/address.h"

namespace outrigger::control::discovery {

/// One endpoint that a source has found.
struct Found {
  Address address;
  uint32_t weight = 1;  ///< 1 to 1000
  bool operator==(const Found&) const = default;
};

/// What is known, by upstream; those of which nothing is known yet are missing.
using FoundEndpoints = std::map<std::string, std::vector<Found>, std::less<>>;

/// Hears what a source finds. Not called from inside the source's constructor.
class SourceEvents {
 public:
  /// All endpoints of the upstream, in a stable order, each once. Only when they have changed.
  virtual void onEndpoints(const std::string& upstream, std::vector<Found> endpoints) = 0;
  /// Nothing new is known, and why; the last endpoints stay. Told when that begins, not again and again.
  virtual void onTrouble(const std::string& upstream, const std::string& why) = 0;
  /// What is known was confirmed just now.
  virtual void onConfirmed(const std::string& upstream) = 0;
  /// Something to look into, which is no trouble yet. At most once for each source.
  virtual void onAdvice(const std::string& /*upstream*/, const std::string& /*advice*/) {}

 protected:
  ~SourceEvents() = default;
};

/// Follows one upstream's endpoints for as long as it lives.
class Source {
 public:
  virtual ~Source() = default;
};

}  // namespace outrigger::control::discovery
