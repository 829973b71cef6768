#include "control/discovery/discovery.h"

#include <algorithm>

namespace outrigger::control::discovery {
namespace {

std::string describe(const config::UpstreamModel& upstream) {
  if (upstream.dns) {
    const config::DnsModel& dns = *upstream.dns;
    return "dns " + dns.name + (dns.port == 0 ? "" : ":" + std::to_string(dns.port));
  }
  const config::KubernetesModel& service = *upstream.kubernetes;
  const std::string port = service.portName.empty() ? std::to_string(service.port) : service.portName;
  return "kubernetes " + (service.nameSpace.empty() ? "" : service.nameSpace + "/") + service.service + ":" + port;
}

bool isLookedUp(const config::UpstreamModel& upstream) {
  return upstream.dns || upstream.kubernetes;
}

}  // namespace

Discovery::Discovery(Turn& turn, Log& log, MakeSource make, std::function<void()> changed)
    : turn_(turn), log_(log), make_(std::move(make)), changed_(std::move(changed)) {}

void Discovery::follow(const config::Model& model) {
  std::map<std::string, std::unique_ptr<Followed>, std::less<>> wanted;
  for (const config::UpstreamModel& upstream : model.upstreams) {
    if (!isLookedUp(upstream)) continue;
    const auto known = followed_.find(upstream.name);
    const bool stays = known != followed_.end() && known->second->follows(upstream);
    wanted[upstream.name] = stays ? std::move(known->second) : begin(upstream);
  }
  followed_ = std::move(wanted);
}

std::unique_ptr<Discovery::Followed> Discovery::begin(const config::UpstreamModel& upstream) {
  auto followed = std::make_unique<Followed>();
  followed->dns = upstream.dns;
  followed->kubernetes = upstream.kubernetes;
  followed->standing.source = describe(upstream);
  SourceEvents& self = *this;
  followed->source = make_(upstream, self);
  if (followed->source == nullptr) {
    followed->standing.trouble = "nothing here can follow that";
    log_.error("discovery-trouble", {{"upstream", upstream.name}, {"text", followed->standing.trouble}});
  }
  return followed;
}

FoundEndpoints Discovery::foundFor(const config::Model& model) const {
  FoundEndpoints found;
  for (const config::UpstreamModel& upstream : model.upstreams) {
    const auto known = followed_.find(upstream.name);
    if (known == followed_.end() || !known->second->follows(upstream) || !known->second->found) continue;
    found.emplace(upstream.name, *known->second->found);
  }
  return found;
}

std::map<std::string, Standing> Discovery::standings() const {
  std::map<std::string, Standing> all;
  for (const auto& [name, followed] : followed_) all.emplace(name, followed->standing);
  return all;
}

// ---- What sources tell

void Discovery::onEndpoints(const std::string& upstream, std::vector<Found> endpoints) {
  const auto at = followed_.find(upstream);
  if (at == followed_.end()) return;
  Followed& followed = *at->second;
  log_.info("endpoints-found", {{"upstream", upstream},
                                {"count", std::to_string(endpoints.size())},
                                {"before", std::to_string(followed.found ? followed.found->size() : 0)}});
  ++followed.standing.applied;
  followed.found = std::move(endpoints);
  confirm(upstream, followed);
  if (!gathering_.armed()) turn_.timers.arm(gathering_, std::max(turn_.now, toldAt_ + kGathering));
}

void Discovery::onConfirmed(const std::string& upstream) {
  const auto at = followed_.find(upstream);
  if (at == followed_.end()) return;
  ++at->second->standing.unchanged;
  confirm(upstream, *at->second);
}

void Discovery::confirm(const std::string& upstream, Followed& followed) {
  followed.standing.knownSince = turn_.now;
  if (followed.standing.trouble.empty()) return;
  followed.standing.trouble.clear();
  log_.info("discovery-recovered", {{"upstream", upstream}, {"source", followed.standing.source}});
}

void Discovery::onTrouble(const std::string& upstream, const std::string& why) {
  const auto at = followed_.find(upstream);
  if (at == followed_.end()) return;
  Followed& followed = *at->second;
  ++followed.standing.failed;
  followed.standing.trouble = why;
  const size_t kept = followed.found ? followed.found->size() : 0;
  log_.warn("discovery-trouble", {{"upstream", upstream}, {"text", why}, {"endpoints_kept", std::to_string(kept)}});
}

void Discovery::onAdvice(const std::string& upstream, const std::string& advice) {
  log_.warn("discovery-advice", {{"upstream", upstream}, {"text", advice}});
}

void Discovery::tell() {
  toldAt_ = turn_.now;
  changed_();
}

}  // namespace outrigger::control::discovery
