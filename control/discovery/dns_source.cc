#include "control/discovery/dns_source.h"

#include <algorithm>
#include <tuple>

namespace outrigger::control::discovery {
namespace {

constexpr uint32_t kMostWeight = 1'000;

// As services in Kubernetes are called: "orders.shop.svc", "orders.shop.svc.cluster.local".
bool looksLikeAService(const std::string& name) {
  return name.ends_with(".svc") || name.find(".svc.") != std::string::npos;
}

}  // namespace

std::vector<Found> inOrder(const std::vector<Resolved::Place>& places) {
  uint64_t heaviest = 1;
  for (const Resolved::Place& place : places) heaviest = std::max<uint64_t>(heaviest, place.weight);
  std::vector<Found> found;
  for (const auto& [address, weight] : places) {
    const uint64_t fitted = heaviest <= kMostWeight ? weight : weight * kMostWeight / heaviest;
    found.push_back({address, static_cast<uint32_t>(std::max<uint64_t>(fitted, 1))});
  }
  const auto key = [](const Found& one) {
    return std::tuple(one.address.family(), one.address.octets(), one.address.port());
  };
  std::ranges::sort(found, {}, key);
  const auto twice = std::ranges::unique(found, {}, key);
  found.erase(twice.begin(), twice.end());
  return found;
}

DnsSource::DnsSource(Turn& turn, Resolver& resolver, std::string upstream, config::DnsModel name, SourceEvents& events)
    : turn_(turn), resolver_(resolver), upstream_(std::move(upstream)), name_(std::move(name)), events_(events) {
  ask();
}

void DnsSource::ask() {
  ResolveSink& self = *this;
  resolution_ =
      name_.port == 0 ? resolver_.resolveService(name_.name, self) : resolver_.resolve(name_.name, name_.port, self);
}

// Many proxies that began together do not ask together for ever.
void DnsSource::askIn(Duration span) {
  turn_.timers.arm(timer_, turn_.now + turn_.rng.between(span, span + span / 10));
}

void DnsSource::onResolved(Resolved resolved) {
  turn_.graveyard.bury(std::move(resolution_));
  failures_ = 0;
  trouble_.clear();
  askIn(std::clamp(resolved.ttl, kLeast, kMost));
  adviseOnBalancing(resolved.places);
  std::vector<Found> found = inOrder(resolved.places);
  if (found == found_) return events_.onConfirmed(upstream_);
  found_ = std::move(found);
  events_.onEndpoints(upstream_, found_);
}

void DnsSource::onResolveFailed(const ResolveError& error) {
  turn_.graveyard.bury(std::move(resolution_));
  constexpr uint32_t kMostDoublings = 5;
  askIn(std::min(kLeast * (1U << std::min(failures_++, kMostDoublings)), kMostBackoff));
  const std::string why = name_.name + ": " + error.detail;
  if (why == trouble_) return;
  trouble_ = why;
  events_.onTrouble(upstream_, why);
}

void DnsSource::adviseOnBalancing(const std::vector<Resolved::Place>& places) {
  const auto ofFamily = [&](Address::Family family) {
    return std::ranges::count_if(places, [=](const auto& place) { return place.address.family() == family; });
  };
  const bool single = ofFamily(Address::Family::Ipv4) <= 1 && ofFamily(Address::Family::Ipv6) <= 1;
  if (advised_ || !single || name_.port == 0 || !looksLikeAService(name_.name)) return;
  advised_ = true;
  events_.onAdvice(upstream_,
                   name_.name + " resolves to the one address " + places.front().address.hostText() +
                       ": if that is a cluster IP, kube-proxy balances per connection and no endpoint can be "
                       "judged; use a headless service (clusterIP: None)");
}

}  // namespace outrigger::control::discovery
