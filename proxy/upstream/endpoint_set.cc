#include "proxy/upstream/endpoint_set.h"

#include <algorithm>

#include "proxy/policy/mode.h"

namespace outrigger::upstream {

using policy::EndpointRecord;

EndpointSet::EndpointSet(EndpointTools tools, EndpointHome& home, EndpointSetEvents& events,
                         const ClusterSettings& settings)
    : tools_(tools), home_(home), events_(events), balancer_(settings.balance.kind), ejection_(settings.policy.eject) {
  configure(settings);
}

void EndpointSet::configure(const ClusterSettings& settings) {
  balancer_ = policy::Balancer(settings.balance.kind);
  ejection_.configure(settings.policy.eject);
  enforced_ = settings.policy.mode == policy::Mode::Enforce;
  auto before = std::move(endpoints_);
  auto loads = std::move(candidates_);
  endpoints_.clear();
  candidates_.clear();
  records_.clear();
  for (const EndpointSettings& wanted : settings.endpoints) {
    const auto known = std::ranges::find_if(
        before, [&](const auto& endpoint) { return endpoint != nullptr && endpoint->address() == wanted.address; });
    if (known == before.end()) {
      adopt(std::make_unique<Endpoint>(tools_, home_, nextId_++, wanted, settings.policy.limits),
            {.weight = wanted.weight});
    } else {
      policy::Candidate candidate = loads[static_cast<size_t>(known - before.begin())];
      candidate.weight = wanted.weight;
      (*known)->configure(wanted, settings.policy.limits);
      adopt(std::move(*known), candidate);
    }
  }
  for (auto& gone : before) {
    if (gone == nullptr) continue;
    gone->leave();
    leaving_.push_back(std::move(gone));
  }
  for (EndpointRecord* record : records_) ejection_.tune(*record);
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

Endpoint* EndpointSet::pick(std::span<const uint32_t> tried) {
  if (!allHealthy_) refreshShares();
  if (!held_.empty()) endHeld();
  if (!leaving_.empty()) buryUnused();
  triedIndices_.clear();
  for (const uint32_t id : tried) {
    if (const auto index = indexOf(id)) triedIndices_.push_back(*index);
  }
  const auto chosen = balancer_.pick(candidates_, triedIndices_, tools_.turn.rng);
  return chosen ? endpoints_[*chosen].get() : nullptr;
}

Endpoint* EndpointSet::findIdle(std::span<const uint32_t> tried) {
  for (uint32_t i = 0; i < endpoints_.size(); ++i) {
    if (candidates_[i].usable() && endpoints_[i]->hasIdle() && !std::ranges::count(tried, endpoints_[i]->id())) {
      return endpoints_[i].get();
    }
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

void EndpointSet::onSent(Endpoint& endpoint, policy::AttemptAge& age) {
  ejection_.begin(tools_.turn.now, endpoint.record(), age);
  if (!ageTimer_.armed()) armAgeTimer();
}

void EndpointSet::observe(Endpoint& endpoint, policy::Grade grade, policy::AttemptAge& age) {
  if (!endpoint.position) return age.drop();
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
  Instant nextReturn = kNever;
  allHealthy_ = true;
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    EndpointRecord& record = *records_[i];
    if (ejection_.refresh(tools_.turn.now, record) && enforced_) events_.onReturned(*endpoints_[i]);
    candidates_[i].share = enforced_ ? record.share() : 1;
    if (record.state() == EndpointRecord::State::Ejected) {
      allHealthy_ = false;
      nextReturn = std::min(nextReturn, record.ejectedUntil());
    }
  }
  tools_.turn.timers.arm(returnTimer_, nextReturn);
  showStates();
}

EndpointRecord::State EndpointSet::stateOf(const Endpoint& endpoint) const {
  return enforced_ ? endpoint.record().state() : EndpointRecord::State::Healthy;
}

void EndpointSet::retire() {
  retired_ = true;
  for (auto& gauge : tools_.series.endpoints) gauge.set(0);
}

void EndpointSet::showStates() {
  if (retired_) return;
  std::array<int64_t, kEndpointStateCount> counts{};
  for (const auto& endpoint : endpoints_) ++counts[static_cast<size_t>(stateOf(*endpoint))];
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
