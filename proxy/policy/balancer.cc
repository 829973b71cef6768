#include "proxy/policy/balancer.h"

#include <algorithm>

#include "proxy/policy/hash_choice.h"

namespace outrigger::policy {
namespace {

constexpr size_t kScanBelow = 8;  // candidates; from here on two are drawn instead
constexpr int kDraws = 16;        // before a scan is the cheaper way
constexpr Duration kUsualFor = 100ms;
constexpr uint16_t kServerErrors = 500;

// In flight by weight, without division: a.inFlight / a.weight < b.inFlight / b.weight.
bool carriesLess(const Candidate& a, const Candidate& b) {
  return a.inFlight * b.effectiveWeight() < b.inFlight * a.effectiveWeight();
}

// The same once each has got one more. It holds a returning endpoint back that carries nothing yet.
bool wouldCarryLess(const Candidate& a, const Candidate& b) {
  return (a.inFlight + 1.0) * b.effectiveWeight() < (b.inFlight + 1.0) * a.effectiveWeight();
}

double heaviest(std::span<const Candidate> candidates) {
  double most = 0;
  for (const Candidate& candidate : candidates) most = std::max(most, candidate.effectiveWeight());
  return most;
}

// Whether load speaks against the proposed candidate and for the other.
bool relieves(const Candidate& other, const Candidate& proposed) {
  return carriesLess(other, proposed) && !wouldCarryLess(proposed, other);
}

}  // namespace

std::optional<uint32_t> Balancer::pick(Candidates candidates, const Query& query, Rng& rng) {
  if (candidates.empty()) return std::nullopt;
  if (candidates.size() == 1) return candidates.front().usable() ? Choice(0) : std::nullopt;
  if (candidates.size() != credit_.size()) restart(candidates, rng);
  const Choice chosen = pickAmong(candidates, query, rng);
  if (chosen || query.avoid.empty()) return chosen;
  return pickAmong(candidates, {.now = query.now, .affinity = query.affinity}, rng);
}

// A random start keeps many proxies from sending their first requests to the same endpoint.
void Balancer::restart(Candidates candidates, Rng& rng) {
  credit_.assign(candidates.size(), 0);
  rotation_ = static_cast<uint32_t>(rng.below(candidates.size()));
  heaviest_ = heaviest(candidates);
}

Balancer::Choice Balancer::pickAmong(Candidates candidates, const Query& query, Rng& rng) {
  switch (kind_) {
    case Balance::RoundRobin: return takeTurn(candidates, query.avoid);
    case Balance::Random: return drawExactly(candidates, query.avoid, rng);
    case Balance::LeastRequest: return leastLoaded(candidates, query.avoid, rng);
    case Balance::Ewma: return fastest(candidates, query, rng);
    case Balance::Hash: break;
  }
  const bool hasKey = query.affinity && table_ != nullptr && table_->members().size() == candidates.size();
  if (hasKey) return chooseByHash(*table_, candidates, query.avoid, *query.affinity);
  return drawExactly(candidates, query.avoid, rng);
}

Balancer::Choice Balancer::leastLoaded(Candidates candidates, Indices avoid, Rng& rng) {
  if (candidates.size() >= kScanBelow) {
    if (const Choice chosen = leastOfTwo(candidates, avoid, rng)) return chosen;
    heaviest_ = heaviest(candidates);  // perhaps weights have fallen
  }
  return leastOfAll(candidates, avoid);
}

// Each candidate earns its weight; who is owed most has the turn and pays what all have earned. The turns of a heavy
// candidate are spread, not bunched.
Balancer::Choice Balancer::takeTurn(Candidates candidates, Indices avoid) {
  Choice next;
  double earned = 0;
  const auto count = static_cast<uint32_t>(candidates.size());
  for (uint32_t seen = 0, i = rotation_; seen < count; ++seen, i = i + 1 == count ? 0 : i + 1) {
    if (!mayTake(candidates[i], i, avoid)) continue;
    const double weight = candidates[i].effectiveWeight();
    credit_[i] += weight;
    earned += weight;
    if (!next || credit_[i] > credit_[*next]) next = i;
  }
  if (!next) return next;
  if (credit_[*next] > 2 * earned) std::ranges::fill(credit_, 0);  // debts from the time of greater weights
  credit_[*next] -= earned;
  return next;
}

Balancer::Choice Balancer::leastOfAll(Candidates candidates, Indices avoid) {
  const Choice turn = takeTurn(candidates, avoid);
  if (!turn || candidates[*turn].inFlight == 0) return turn;
  Choice least;
  const auto count = static_cast<uint32_t>(candidates.size());
  for (uint32_t seen = 0, i = rotation_; seen < count; ++seen, i = i + 1 == count ? 0 : i + 1) {
    if (!mayTake(candidates[i], i, avoid)) continue;
    if (!least || wouldCarryLess(candidates[i], candidates[*least])) least = i;
  }
  if (!relieves(candidates[*least], candidates[*turn])) return turn;
  rotation_ = *least + 1 == count ? 0 : *least + 1;
  return least;
}

Balancer::Choice Balancer::leastOfTwo(Candidates candidates, Indices avoid, Rng& rng) {
  const Choice first = draw(candidates, avoid, std::nullopt, rng);
  if (!first || candidates[*first].inFlight == 0) return first;
  const Choice second = draw(candidates, avoid, first, rng);
  if (!second) return std::nullopt;
  return relieves(candidates[*second], candidates[*first]) ? second : first;
}

// By weight, in constant time: drawn evenly, and kept with the probability weight / heaviest. nullopt: too many misses.
Balancer::Choice Balancer::draw(Candidates candidates, Indices avoid, Choice except, Rng& rng) {
  for (int i = 0; i < kDraws; ++i) {
    const auto drawn = static_cast<uint32_t>(rng.below(candidates.size()));
    if (drawn == except || !mayTake(candidates[drawn], drawn, avoid)) continue;
    const double weight = candidates[drawn].effectiveWeight();
    heaviest_ = std::max(heaviest_, weight);
    if (weight == heaviest_ || rng.unit() * heaviest_ < weight) return drawn;
  }
  return std::nullopt;
}

Balancer::Choice Balancer::drawExactly(Candidates candidates, Indices avoid, Rng& rng) {
  double total = 0;
  for (uint32_t i = 0; i < candidates.size(); ++i) {
    if (mayTake(candidates[i], i, avoid)) total += candidates[i].effectiveWeight();
  }
  double rest = rng.unit() * total;
  Choice last;
  for (uint32_t i = 0; i < candidates.size(); ++i) {
    if (!mayTake(candidates[i], i, avoid)) continue;
    last = i;
    rest -= candidates[i].effectiveWeight();
    if (rest < 0) break;
  }
  return last;
}

// ---- By latency

// An answer that says "error" counts as a failure here, whoever's fault it is: what fails fast must not attract.
void Balancer::learn(Instant now, Candidate& candidate, const AttemptEnd& end, Grade grade, Duration latency) const {
  if (kind_ != Balance::Ewma) return;
  if (grade == Grade::Failure || end.status >= kServerErrors) {
    candidate.latency.observeFailure(now, latency, usual_);
  } else if (grade == Grade::Success) {
    candidate.latency.observe(now, latency);
  } else if ((end.result == AttemptResult::Cancelled || end.callerDeadline) && !end.unsent && !end.requestIncomplete &&
             !end.pausedByUs) {
    candidate.latency.observeSilence(now, latency, usual_);
  }
}

// The median is of what the candidates showed last, so that peaks count in it as they do in each of them.
void Balancer::learnUsual(Candidates candidates, Instant now) {
  if (usual_ > Duration::zero() && now - usualAt_ < kUsualFor) return;
  usualAt_ = now;
  latencies_.clear();
  for (const Candidate& candidate : candidates) {
    if (candidate.usable() && candidate.latency.known()) latencies_.push_back(candidate.latency.value());
  }
  if (latencies_.empty()) return;
  const auto middle = latencies_.begin() + static_cast<std::ptrdiff_t>((latencies_.size() - 1) / 2);
  std::ranges::nth_element(latencies_, middle);
  usual_ = *middle;
}

// Peak EWMA times (in flight + 1), where what is in flight counts by weight: the weights have proposed the candidate,
// so that one with little of its share costs no more than another as long as it carries nothing.
double Balancer::cost(const Candidate& candidate, uint32_t more, Instant now) const {
  const Duration expected = std::max<Duration>(candidate.latency.expected(now, usual_), 1us);
  const double carried = (candidate.inFlight + more) * (heaviest_ / candidate.effectiveWeight());
  return seconds(expected) * (carried + 1);
}

Balancer::Choice Balancer::fastest(Candidates candidates, const Query& query, Rng& rng) {
  learnUsual(candidates, query.now);
  if (candidates.size() >= kScanBelow) {
    if (const Choice chosen = fasterOfTwo(candidates, query, rng)) return chosen;
  }
  heaviest_ = heaviest(candidates);
  return fastestOfAll(candidates, query);
}

// Who has the turn loses it to one that would cost no more even with one request more.
Balancer::Choice Balancer::fastestOfAll(Candidates candidates, const Query& query) {
  const Choice turn = takeTurn(candidates, query.avoid);
  if (!turn) return turn;
  Choice best = turn;
  double least = cost(candidates[*turn], 0, query.now);
  for (uint32_t i = 0; i < candidates.size(); ++i) {
    if (i == *turn || !mayTake(candidates[i], i, query.avoid)) continue;
    const double after = cost(candidates[i], 1, query.now);
    if (after > least) continue;
    best = i;
    least = after;
  }
  return best;
}

Balancer::Choice Balancer::fasterOfTwo(Candidates candidates, const Query& query, Rng& rng) {
  const Choice first = draw(candidates, query.avoid, std::nullopt, rng);
  if (!first) return first;
  const Choice second = draw(candidates, query.avoid, first, rng);
  if (!second) return second;
  return cost(candidates[*second], 1, query.now) <= cost(candidates[*first], 0, query.now) ? second : first;
}

}  // namespace outrigger::policy
