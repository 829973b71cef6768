#include "proxy/upstream/endpoint_set.h"

#include <algorithm>

#include "proxy/policy/mode.h"

namespace outrigger::upstream {

using policy::EndpointRecord;

EndpointSet::EndpointSet(EndpointTools tools, EndpointHome& home, EndpointSetEvents& events,
                         const ClusterSettings& settings)
    : tools_(tools),
      home_(home),
      events_(events),
      checks_(tools, *this),
      balancer_(settings.balance.kind, settings.hashTable),
      ejection_(settings.policy.eject) {
  configure(settings);
}

void EndpointSet::configure(const ClusterSettings& settings) {
  balancer_ = policy::Balancer(settings.balance.kind, settings.hashTable);
  ejection_.configure(settings.policy.eject);
  enforced_ = settings.policy.mode == policy::Mode::Enforce;
  checked_ = settings.health.has_value();
  anonymous_ = settings.anonymous;
  slowStart_ = settings.slowStart;
  drainTime_ = settings.policy.eject.value_or(policy::EjectSettings{}).baseTime;
  const bool first = nextId_ == 0;
  auto before = std::move(endpoints_);
  auto loads = std::move(candidates_);
  endpoints_.clear();
  candidates_.clear();
  records_.clear();
  for (const EndpointSettings& wanted : settings.endpoints) {
    const auto known = std::ranges::find_if(
        before, [&](const auto& endpoint) { return endpoint != nullptr && endpoint->address() == wanted.address; });
    if (known == before.end()) {
      adopt(std::make_unique<Endpoint>(tools_, home_, nextId_++, wanted, settings), {.weight = wanted.weight});
      if (!first) endpoints_.back()->readiness().warmUp(tools_.turn.now);
    } else {
      policy::Candidate candidate = loads[static_cast<size_t>(known - before.begin())];
      candidate.weight = wanted.weight;
      (*known)->configure(wanted, settings);
      if (!checked_) (*known)->readiness().forgetChecks(tools_.turn.now);
      adopt(std::move(*known), candidate);
    }
  }
  for (auto& gone : before) {
    if (gone == nullptr) continue;
    gone->leave();
    leaving_.push_back(std::move(gone));
  }
  for (const auto& endpoint : endpoints_) {
    ejection_.tune(endpoint->record());
    endpoint->enforceEjection(enforced_);
  }
  checks_.configure(settings, endpoints_);
  if (ejection_.tooManyOut(records_)) useAll();
  refreshShares();
}

void EndpointSet::useAll() {
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    if (records_[i]->state() != EndpointRecord::State::Ejected) continue;
    policy::Ejection::beginReturn(*records_[i]);
    if (enforced_) events_.onReturned(*endpoints_[i]);
  }
}

void EndpointSet::adopt(std::unique_ptr<Endpoint> endpoint, policy::Candidate candidate) {
  endpoint->position = static_cast<uint32_t>(endpoints_.size());
  records_.push_back(&endpoint->record());
  candidates_.push_back(candidate);
  endpoints_.push_back(std::move(endpoint));
}

std::optional<uint32_t> EndpointSet::indexOf(uint32_t endpointId) const {
  for (uint32_t i = 0; i < endpoints_.size(); ++i) {
    if (endpoints_[i]->id() == endpointId) return i;
  }
  return std::nullopt;
}

Endpoint* EndpointSet::pick(std::span<const uint32_t> tried, std::optional<policy::Affinity> affinity) {
  if (!allHealthy_) refreshShares();
  if (!held_.empty()) endHeld();
  if (!leaving_.empty()) buryUnused();
  triedIndices_.clear();
  for (const uint32_t id : tried) {
    if (const auto index = indexOf(id)) triedIndices_.push_back(*index);
  }
  const policy::Balancer::Query query{.now = tools_.turn.now, .avoid = triedIndices_, .affinity = affinity};
  const auto chosen = balancer_.pick(candidates_, query, tools_.turn.rng);
  return chosen ? endpoints_[*chosen].get() : nullptr;
}

Endpoint* EndpointSet::findFree(std::span<const uint32_t> tried, Protocol wanted) {
  for (uint32_t i = 0; i < endpoints_.size(); ++i) {
    Endpoint& endpoint = *endpoints_[i];
    const bool free = candidates_[i].usable() && endpoint.hasFree(endpoint.speaks(wanted));
    if (free && !std::ranges::count(tried, endpoint.id())) return &endpoint;
  }
  return nullptr;
}

bool EndpointSet::hasOther(std::span<const uint32_t> tried) const {
  for (uint32_t i = 0; i < endpoints_.size(); ++i) {
    if (candidates_[i].usable() && !std::ranges::count(tried, endpoints_[i]->id())) return true;
  }
  return false;
}

bool EndpointSet::closeOneIdle() {
  return std::ranges::any_of(endpoints_, [](const auto& endpoint) { return endpoint->closeOneIdle(); });
}

void EndpointSet::begin(Endpoint& endpoint) {
  endpoint.addLease();
  if (endpoint.position) ++candidates_[*endpoint.position].inFlight;
}

void EndpointSet::end(Endpoint& endpoint, policy::Grade grade, Duration medianLatency) {
  endpoint.dropLease();
  if (endpoint.leaving() && endpoint.leases() == 0) showStates();
  if (grade == policy::Grade::Failure && medianLatency > Duration::zero()) {
    held_.push_back({tools_.turn.now + medianLatency, endpoint.id()});
    return;
  }
  if (endpoint.position) --candidates_[*endpoint.position].inFlight;
}

void EndpointSet::endHeld() {
  while (!held_.empty() && held_.front().until <= tools_.turn.now) {
    if (const auto index = indexOf(held_.front().endpointId)) --candidates_[*index].inFlight;
    held_.pop_front();
  }
}

void EndpointSet::learnLatency(Endpoint& endpoint, const policy::AttemptEnd& end, policy::Grade grade,
                               Duration latency) {
  if (!endpoint.position) return;
  balancer_.learn(tools_.turn.now, candidates_[*endpoint.position], end, grade, latency);
}

void EndpointSet::onSent(Endpoint& endpoint, policy::AttemptAge& age) {
  ejection_.begin(tools_.turn.now, endpoint.record(), age);
  if (!ageTimer_.armed() && ejection_.nextPassing() != kNever) armAgeTimer();
}

void EndpointSet::observe(Endpoint& endpoint, policy::Grade grade, policy::AttemptAge& age) {
  if (!endpoint.position) return age.drop();
  if (checked_ && grade == policy::Grade::Success) endpoint.readiness().onTraffic(tools_.turn.now);
  const EndpointRecord& record = endpoint.record();
  const auto before = record.state();
  const double shareBefore = record.share();
  const auto news = ejection_.observe(tools_.turn.now, endpoint.record(), records_, grade, age, tools_.turn.rng);
  tell(news);
  const bool back = before == EndpointRecord::State::Returning && record.state() == EndpointRecord::State::Healthy;
  if (back && enforced_) events_.onReturned(endpoint);
  if (!news.empty() || before != record.state() || shareBefore != record.share()) refreshShares();
}

void EndpointSet::tell(policy::Ejection::News news) {
  for (const policy::EjectionNews& each : news) {
    const auto which = std::ranges::find(records_, each.endpoint) - records_.begin();
    const Endpoint& endpoint = *endpoints_[static_cast<size_t>(which)];
    if (each.kind == policy::EjectionNews::Kind::Ejected) {
      auto& counter = enforced_ ? tools_.series.ejections[static_cast<size_t>(each.cause)]
                                : tools_.series.would[static_cast<size_t>(policy::Would::Eject)];
      counter.add();
    }
    events_.onEjection(endpoint, each);
  }
}

// One timer for all requests under way, and no oftener than somebody would notice: what is answered meanwhile is
// counted with its answer.
void EndpointSet::armAgeTimer() {
  constexpr Duration kLookEvery = 20ms;
  const Instant next = ejection_.nextPassing();
  tools_.turn.timers.arm(ageTimer_, next == kNever ? kNever : std::max(next, tools_.turn.now + kLookEvery));
}

void EndpointSet::onAgeTimer() {
  const auto news = ejection_.advance(tools_.turn.now, records_, tools_.turn.rng);
  tell(news);
  if (!news.empty() || !allHealthy_) refreshShares();
  armAgeTimer();
}

void EndpointSet::forgiveRecent() {
  ejection_.forgiveRecent(tools_.turn.now, records_);
  refreshShares();
}

void EndpointSet::refreshShares() {
  const Instant now = tools_.turn.now;
  Instant next = kNever;
  allHealthy_ = true;
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    EndpointRecord& record = *records_[i];
    policy::Readiness& readiness = endpoints_[i]->readiness();
    if (ejection_.refresh(now, record) && enforced_) events_.onReturned(*endpoints_[i]);
    readiness.refresh(now, slowStart_);
    candidates_[i].share = (enforced_ ? record.share() : 1) * readiness.share(now, slowStart_);
    next = std::min(next, readiness.nextChange(now, slowStart_));
    if (record.state() == EndpointRecord::State::Ejected) {
      allHealthy_ = false;
      next = std::min(next, record.ejectedUntil());
    }
  }
  lookForPanic();
  tools_.turn.timers.arm(returnTimer_, next);
  showStates();
}

// Those that drain have said that they go, and those that are held were taken out on purpose: they are neither missed
// nor called, unless nobody else is there.
void EndpointSet::lookForPanic() {
  const auto draining = [](const auto& endpoint) {
    return endpoint->readiness().draining() || endpoint->readiness().held();
  };
  const size_t here = endpoints_.size() - static_cast<size_t>(std::ranges::count_if(endpoints_, draining));
  const bool panics = !endpoints_.empty() && (usableCount() == 0 || ejection_.panics(usableCount(), here));
  const bool news = panics != std::exchange(panics_, panics) && here > 0;
  if (news) events_.onPanic(panics);
  if (!panics) return;
  allHealthy_ = false;  // the shares follow what happens
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    const bool called = here == 0 || !draining(endpoints_[i]);
    candidates_[i].share = called ? policy::Ejection::panicShare(tools_.turn.now, *records_[i]) : 0;
  }
}

// ---- Readiness

void EndpointSet::onChecked(Endpoint& endpoint, std::optional<policy::ReadinessNews> news) {
  refreshShares();
  if (!news) return;
  if (*news == policy::ReadinessNews::Unhealthy) {
    tools_.series.ejections[static_cast<size_t>(policy::EjectCause::Health)].add();
  }
  events_.onReadiness(endpoint, *news);
}

std::optional<size_t> EndpointSet::indexOf(const Address& address) const {
  const auto found =
      std::ranges::find_if(endpoints_, [&](const auto& endpoint) { return endpoint->address() == address; });
  if (found == endpoints_.end()) return std::nullopt;
  return static_cast<size_t>(found - endpoints_.begin());
}

void EndpointSet::adoptHealth(const Address& address, bool unhealthy) {
  const auto which = indexOf(address);
  if (!which || !checked_) return;
  endpoints_[*which]->readiness().adopt(tools_.turn.now, unhealthy);
  refreshShares();
}

EndpointSet::ByHand EndpointSet::hold(const Address& address, std::optional<Instant> until) {
  const auto which = indexOf(address);
  if (!which) return ByHand::Unknown;
  const Instant now = tools_.turn.now;
  policy::Readiness& readiness = endpoints_[*which]->readiness();
  policy::EndpointRecord& record = *records_[*which];
  if (until) {
    const uint32_t others = usableCount() - (candidates_[*which].usable() ? 1 : 0);
    if (others == 0) return ByHand::Last;
    readiness.hold(*until);
  } else {
    if (!readiness.held() && record.state() != policy::EndpointRecord::State::Ejected) return ByHand::NotOut;
    readiness.letGo(now);
    policy::Ejection::pardon(now, record);
  }
  refreshShares();
  return ByHand::Done;
}

void EndpointSet::markDraining(Endpoint& endpoint) {
  if (!endpoint.position) return;
  const bool news = endpoint.readiness().drain(tools_.turn.now + drainTime_);
  refreshShares();
  if (news) events_.onReadiness(endpoint, policy::ReadinessNews::Draining);
}

// ---- What is shown

void EndpointSet::retire() {
  retired_ = true;
  checks_.stop();
  if (anonymous_) return;
  for (auto& gauge : tools_.series.endpoints) gauge.set(0);
}

void EndpointSet::showStates() {
  if (retired_ || anonymous_) return;
  std::array<int64_t, kEndpointStateCount> counts{};
  for (const auto& endpoint : endpoints_) ++counts[static_cast<size_t>(endpoint->state())];
  for (const auto& endpoint : leaving_) {
    if (endpoint->leases() > 0) ++counts[static_cast<size_t>(endpoint->state())];
  }
  for (size_t state = 0; state < counts.size(); ++state) tools_.series.endpoints[state].set(counts[state]);
}

void EndpointSet::onReturnTimer() {
  refreshShares();
}

void EndpointSet::buryUnused() {
  std::erase_if(leaving_, [&](auto& endpoint) {
    if (!endpoint->unused()) return false;
    tools_.turn.graveyard.bury(std::move(endpoint));
    return true;
  });
}

uint32_t EndpointSet::usableCount() const {
  return static_cast<uint32_t>(std::ranges::count_if(candidates_, &policy::Candidate::usable));
}

}  // namespace outrigger::upstream
