// Chooses an endpoint among those that may be used (POLICIES §5). Pure; one worker's.
//
// `round-robin` is smooth and weighted. `random` is weighted. `least-request` first lets the weights propose one (the
// one whose turn it is; from 8 endpoints on, the first of two drawn at random, after Mitzenmacher, 2001) and then lets
// load object: another is taken instead if it carries less, in flight by weight, and still does with one more. So the
// shares are kept at any load, also the tenth of an endpoint that is returning, and a slow endpoint loses its turns.
// `ewma` does the same with the latency that each is expected to have (policy/peak_ewma.h), times what it would carry.
// `hash` sends requests of one key to one endpoint (policy/hash_choice.h).
#pragma once

#include <memory>

#include "proxy/base/rng.h"
#include "proxy/policy/candidate.h"
#include "proxy/policy/hash.h"
#include "proxy/policy/maglev.h"
#include "proxy/policy/outcome.h"
#include "proxy/policy/settings.h"

namespace outrigger::policy {

class Balancer {
 public:
  /// `table`, with Balance::Hash: its members are the candidates of each pick(), in their order.
  explicit Balancer(Balance kind, std::shared_ptr<const Maglev> table = nullptr)
      : kind_(kind), table_(std::move(table)) {}

  struct Query {
    Instant now{};
    /// Indices that have been tried already: one of them is chosen only if no other is usable.
    std::span<const uint32_t> avoid{};
    /// nullopt: the request has no key, and any endpoint will do.
    std::optional<Affinity> affinity{};
  };
  /// The index of the chosen candidate. nullopt: none is usable.
  std::optional<uint32_t> pick(std::span<const Candidate> candidates, const Query& query, Rng& rng);

  /// How an attempt at that candidate ended: its answer's head came, or none, after `latency`.
  void learn(Instant now, Candidate& candidate, const AttemptEnd& end, Grade grade, Duration latency) const;
  /// What a candidate's latency is taken for before it is known; 0: none is known.
  Duration usualLatency() const { return usual_; }

 private:
  using Candidates = std::span<const Candidate>;
  using Indices = std::span<const uint32_t>;
  using Choice = std::optional<uint32_t>;

  void restart(Candidates candidates, Rng& rng);
  Choice pickAmong(Candidates candidates, const Query& query, Rng& rng);
  Choice leastLoaded(Candidates candidates, Indices avoid, Rng& rng);
  Choice takeTurn(Candidates candidates, Indices avoid);
  Choice leastOfAll(Candidates candidates, Indices avoid);
  Choice leastOfTwo(Candidates candidates, Indices avoid, Rng& rng);
  Choice draw(Candidates candidates, Indices avoid, Choice except, Rng& rng);
  static Choice drawExactly(Candidates candidates, Indices avoid, Rng& rng);
  Choice fastest(Candidates candidates, const Query& query, Rng& rng);
  Choice fastestOfAll(Candidates candidates, const Query& query);
  Choice fasterOfTwo(Candidates candidates, const Query& query, Rng& rng);
  double cost(const Candidate& candidate, uint32_t more, Instant now) const;
  void learnUsual(Candidates candidates, Instant now);

  Balance kind_;
  std::shared_ptr<const Maglev> table_;
  uint32_t rotation_ = 0;       // where scans begin
  double heaviest_ = 0;         // at least the greatest effective weight seen; what draw() measures against
  std::vector<double> credit_;  // smooth weighted round-robin: what each candidate is owed
  Duration usual_{};            // the lower median of the usable candidates' latencies
  Instant usualAt_{};
  std::vector<Duration> latencies_;  // scratch of learnUsual()
};

}  // namespace outrigger::policy
