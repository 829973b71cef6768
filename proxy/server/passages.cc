#include "proxy/server/passages.h"

#include <algorithm>

namespace outrigger::server {
namespace {

// How long a connection to a destination may wait for the next use of it, in sweeps.
constexpr uint32_t kSweepsKept = 90;

}  // namespace

std::shared_ptr<upstream::Cluster> Passages::to(const exchange::Passage& passage, const Address& destination,
                                                Protocol protocol) {
  if (std::ranges::find(own_, destination) != own_.end()) return nullptr;
  const bool raw = protocol == Protocol::Tcp;
  Known& known = known_[passage.cluster->name + " " + destination.text() + (raw ? " tcp" : "")];
  known.unused = 0;
  if (known.cluster != nullptr) return known.cluster;
  auto settings = std::make_shared<upstream::ClusterSettings>(*passage.cluster);
  settings->endpoints = {{destination, destination}};
  settings->protocol = protocol;
  known.cluster = make_(settings);
  const auto made = known.cluster;
  if (known_.size() > kMost) sweep();
  return made;
}

void Passages::beginAnew() {
  for (auto& [key, known] : known_) drop(std::move(known));
  known_.clear();
}

void Passages::sweep() {
  const bool crowded = known_.size() > kMost;
  for (auto at = known_.begin(); at != known_.end();) {
    if (!goes(at->second, crowded)) {
      ++at;
      continue;
    }
    drop(std::move(at->second));
    at = known_.erase(at);
  }
}

bool Passages::goes(Known& known, bool crowded) const {
  if (known.cluster.use_count() > 1) return false;
  ++known.unused;
  return known.unused > kSweepsKept || (crowded && known.unused > 1);
}

// Its connections may be what calls us.
void Passages::drop(Known known) {
  known.cluster->retire();
  turn_.graveyard.bury(std::make_unique<std::shared_ptr<upstream::Cluster>>(std::move(known.cluster)));
}

}  // namespace outrigger::server
