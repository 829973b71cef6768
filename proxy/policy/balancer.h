// Chooses an endpoint among those that may be used (POLICIES §5). Pure; one worker's.
//
// `round-robin` is smooth and weighted. `random` is weighted. `least-request` first lets the weights propose one (the
// one whose turn it is; from 8 endpoints on, the first of two drawn at random, after Mitzenmacher, 2001) and then lets
// load object: another is taken instead if it carries less, in flight by weight, and still does with one more. So the
// shares are kept at any load, also the tenth of an endpoint that is returning, and a slow endpoint loses its turns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "proxy/base/rng.h"
#include "proxy/policy/settings.h"

namespace outrigger::policy {

/// What the balancer sees of one endpoint; kept up to date by its owner.
struct Candidate {
  uint32_t weight = 1;    ///< as configured, 1 to 1000
  double share = 1;       ///< part of the weight it gets now: 0 ejected, < 1 returning (policy/ejection.h)
  uint32_t inFlight = 0;  ///< attempts under way, and failed ones that still count

  bool usable() const { return share > 0; }
  double effectiveWeight() const { return weight * share; }
};

class Balancer {
 public:
  explicit Balancer(Balance kind) : kind_(kind) {}

  /// The index of the chosen candidate. `avoid` holds the indices that have been tried already: one of them is chosen
  /// only if no other is usable. nullopt: none is usable.
  std::optional<uint32_t> pick(std::span<const Candidate> candidates, std::span<const uint32_t> avoid, Rng& rng);

 private:
  using Candidates = std::span<const Candidate>;
  using Indices = std::span<const uint32_t>;
  using Choice = std::optional<uint32_t>;

  void restart(Candidates candidates, Rng& rng);
  Choice pickAmong(Candidates candidates, Indices avoid, Rng& rng);
  Choice takeTurn(Candidates candidates, Indices avoid);
  Choice leastOfAll(Candidates candidates, Indices avoid);
  Choice leastOfTwo(Candidates candidates, Indices avoid, Rng& rng);
  Choice draw(Candidates candidates, Indices avoid, Choice except, Rng& rng);
  static Choice drawExactly(Candidates candidates, Indices avoid, Rng& rng);

  Balance kind_;
  uint32_t rotation_ = 0;       // where scans begin
  double heaviest_ = 0;         // at least the greatest effective weight seen; what draw() measures against
  std::vector<double> credit_;  // smooth weighted round-robin: what each candidate is owed
};

}  // namespace outrigger::policy
