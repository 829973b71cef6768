// Does an endpoint fail more often than the others? An exact test of two rates (POLICIES §4): how likely it is that so
// many of all failures fell on this endpoint by chance, if it failed like the better half of the others. A rule by mean
// and deviation flags healthy endpoints at every look, and is blind once many fail alike; this one is neither. Pure.
#pragma once

#include <optional>
#include <span>

#include "proxy/policy/rate_window.h"
#include "proxy/policy/settings.h"

namespace outrigger::policy {

/// The numbers behind a verdict.
struct RateEvidence {
  RateWindow::Counts mine;
  RateWindow::Counts others;  ///< of the better half
  double chance = 1;          ///< that chance alone made the difference
};

/// P(X >= k) of a binomial X of n trials that succeed with probability p, 0 < p < 1: the sum of its terms, to the
/// precision of a double.
double binomialTail(uint64_t n, uint64_t k, double p);

/// The chance that at least mine.failed of all failures fall on an endpoint with mine.total requests, which is allowed
/// to fail a fifth more often than the others.
double chanceOf(const RateWindow::Counts& mine, const RateWindow::Counts& others);

/// The sum over the better half (rounded up) of those with at least 20 requests; sorts `others`.
RateWindow::Counts betterHalf(std::span<RateWindow::Counts> others);

/// The evidence, if it is enough to eject: the chance is below 1e-6 / endpoints, the gap is as wide as the settings
/// ask, and the rate is three times that of the others, or 90 %. Below 20 requests nothing is said: a single event may
/// fail several requests at once, and runs of failures are judged elsewhere. `others` are all endpoints in use but this
/// one, and are sorted; `endpoints` >= 1 is how many there are in all.
std::optional<RateEvidence> failsMore(const ErrorTestSettings& settings, const RateWindow::Counts& mine,
                                      std::span<RateWindow::Counts> others, size_t endpoints);

}  // namespace outrigger::policy
