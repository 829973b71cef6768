#include "proxy/server/passages.h"

#include <algorithm>

namespace outrigger::server {
namespace {

// How long a connection to a destination may wait for the next use of it, in sweeps.
constexpr uint32_t kSweepsKept = 90;

constexpr Duration kCrowdEvery = 100ms;

// The limit is each destination's own: strangers do not stand in each other's way.
std::shared_ptr<const upstream::ClusterSettings> settingsOf(const exchange::Passage& passage,
                                                            const upstream::EndpointSettings& endpoint,
                                                            Protocol protocol,
                                                            std::shared_ptr<policy::SharedLimit> limit) {
  auto settings = std::make_shared<upstream::ClusterSettings>(*passage.cluster);
  settings->endpoints = {endpoint};
  settings->protocol = protocol;
  settings->requests = std::move(limit);
  return settings;
}

}  // namespace

// Also by another name of this machine: any address where it listens at all of them, any of the loopback network.
bool Passages::isOwn(const Address& destination) const {
  const Address address = destination.unmapped();
  return std::ranges::any_of(own_, [&](const Address& own) {
    if (own.port() != address.port()) return false;
    return own == address || address.isWildcard() || (address.isLoopback() && own.isLoopback());
  });
}

std::shared_ptr<upstream::Cluster> Passages::to(const exchange::Passage& passage, const Address& destination,
                                                Protocol protocol) {
  if (isOwn(destination)) return nullptr;
  const bool raw = protocol == Protocol::Tcp;
  Known& known = known_[passage.cluster->name + " " + destination.text() + (raw ? " tcp" : "")];
  known.unused = 0;
  if (known.cluster == nullptr) {
    known.cluster =
        make_(settingsOf(passage, {destination, destination}, protocol, std::make_shared<policy::SharedLimit>()));
  }
  const auto found = known.cluster;
  sweepCrowd();
  return found;
}

void Passages::configure(const std::array<std::unique_ptr<const exchange::Passage>, kDirectionCount>& passages) {
  for (auto at = known_.begin(); at != known_.end();) {
    const upstream::ClusterSettings& now = at->second.cluster->settings();
    const auto passage = std::ranges::find_if(
        passages, [&](const auto& each) { return each != nullptr && each->cluster->name == now.name; });
    if (passage == passages.end()) {
      drop(std::move(at->second));
      at = known_.erase(at);
      continue;
    }
    at->second.cluster->configure(settingsOf(**passage, now.endpoints.front(), now.protocol, now.requests));
    ++at;
  }
}

void Passages::sweepCrowd() {
  if (known_.size() <= kMost || turn_.now < after(crowdSwept_, kCrowdEvery)) return;
  crowdSwept_ = turn_.now;
  sweep();
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

bool Passages::goes(Known& known, bool crowded) {
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
