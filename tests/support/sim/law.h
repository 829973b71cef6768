// How long a service works on a request: a distribution that a scenario names in a line. A value; the draws come from
// the random numbers of whoever asks, so a seed repeats them.
#pragma once

#include "proxy/base/rng.h"

namespace outrigger::sim {

class Law {
 public:
  static Law constant(Duration always) { return {Kind::Uniform, always, always}; }
  static Law uniform(Duration low, Duration high) { return {Kind::Uniform, low, high}; }
  static Law exponential(Duration mean) { return {Kind::Exponential, mean, {}}; }
  /// The logarithm has this standard deviation.
  static Law lognormal(Duration median, double sigma) { return {Kind::Lognormal, median, {}, sigma}; }
  /// Half of the draws take more than `least` · 2^(1 / alpha): the heavier a tail, the smaller is alpha.
  static Law pareto(Duration least, double alpha) { return {Kind::Pareto, least, {}, alpha}; }
  /// `rare` in a share of the draws, from 0 to 1.
  static Law bimodal(Duration usual, Duration rare, double share) { return {Kind::Bimodal, usual, rare, share}; }

  /// That share of the draws takes longer by `extra`.
  Law plus(Duration extra, double share) const;
  /// Every draw is that many times as long, the extra included.
  Law times(double factor) const;

  Duration draw(Rng& rng) const;

 private:
  enum class Kind : uint8_t { Uniform, Exponential, Lognormal, Bimodal, Pareto };
  Law(Kind kind, Duration a, Duration b, double shape = 0) : kind_(kind), a_(a), b_(b), shape_(shape) {}
  double drawPlain(Rng& rng) const;

  Kind kind_;
  Duration a_;
  Duration b_;
  double shape_;
  Duration extra_{};
  double extraShare_ = 0;
  double factor_ = 1;
};

}  // namespace outrigger::sim
