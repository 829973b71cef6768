#include "proxy/policy/rate_test.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace outrigger::policy {
namespace {

using Counts = RateWindow::Counts;

constexpr double kChance = 1e-6;
constexpr double kTolerance = 1.2;  // of the others' rate, that passes as the same
constexpr double kTimesWorse = 3;
constexpr double kBadInAnyCase = 0.9;
constexpr uint64_t kLeastRequests = 20;

// ln n!, to about 1e-13: the product itself for small n, else Stirling's series.
double logFactorial(uint64_t n) {
  if (n < 16) {
    double product = 1;
    for (uint64_t i = 2; i <= n; ++i) product *= static_cast<double>(i);
    return std::log(product);
  }
  const auto x = static_cast<double>(n);
  const double series = 1 / (12 * x) * (1 - 1 / (30 * x * x) * (1 - 2 / (7 * x * x)));
  return x * std::log(x) - x + 0.5 * std::log(2 * std::numbers::pi * x) + series;
}

double term(uint64_t n, uint64_t k, double p) {
  const double ways = logFactorial(n) - logFactorial(k) - logFactorial(n - k);
  return std::exp(ways + static_cast<double>(k) * std::log(p) + static_cast<double>(n - k) * std::log1p(-p));
}

// The terms from k outwards fall faster and faster, so few of them count.
double sumUp(uint64_t n, uint64_t k, double p) {
  const double odds = p / (1 - p);
  double next = term(n, k, p);
  double sum = 0;
  for (uint64_t i = k; i <= n && next > sum * 1e-17; ++i) {
    sum += next;
    next *= static_cast<double>(n - i) / static_cast<double>(i + 1) * odds;
  }
  return sum;
}

}  // namespace

double binomialTail(uint64_t n, uint64_t k, double p) {
  if (k == 0) return 1;
  if (k > n) return 0;
  if (static_cast<double>(k) > static_cast<double>(n) * p) return sumUp(n, k, p);
  return 1 - sumUp(n, n - k + 1, 1 - p);  // P(X < k), counted from the other side
}

double chanceOf(const Counts& mine, const Counts& others) {
  const double allowed = kTolerance * static_cast<double>(mine.total);
  const double p = allowed / (allowed + static_cast<double>(others.total));
  return binomialTail(mine.failed + others.failed, mine.failed, p);
}

Counts betterHalf(std::span<Counts> others) {
  const auto tooFew = std::ranges::partition(others, [](const Counts& c) { return c.total >= kLeastRequests; });
  const auto judged = others.first(others.size() - tooFew.size());
  std::ranges::sort(judged, {}, &Counts::failureShare);
  Counts sum;
  for (const Counts& each : judged.first((judged.size() + 1) / 2)) {
    sum.total += each.total;
    sum.failed += each.failed;
  }
  return sum;
}

std::optional<RateEvidence> failsMore(const ErrorTestSettings& settings, const Counts& mine, std::span<Counts> others,
                                      size_t endpoints) {
  const double share = mine.failureShare();
  if (mine.total < kLeastRequests || mine.failed == 0 || share * 100 < settings.gapPercent) return std::nullopt;
  const Counts better = betterHalf(others);
  if (better.total == 0) return std::nullopt;
  const double usual = better.failureShare();
  if ((share - usual) * 100 < settings.gapPercent) return std::nullopt;
  if (share < std::min(kBadInAnyCase, kTimesWorse * usual)) return std::nullopt;
  const double chance = chanceOf(mine, better);
  if (chance >= kChance / static_cast<double>(endpoints)) return std::nullopt;
  return RateEvidence{mine, better, chance};
}

}  // namespace outrigger::policy
