#include "proxy/policy/budget.h"

#include <algorithm>
#include <cmath>

namespace outrigger::policy {
namespace {

constexpr double kSmallestAutoCap = 10;  // tokens

}  // namespace

Budget::Budget(const BudgetSettings& settings, Instant now)
    : settings_(settings), units_(0), refilledAt_(now), secondStart_(now) {
  units_ = capUnits(now);
}

void Budget::configure(const BudgetSettings& settings, Instant now) {
  refill(now);
  settings_ = settings;
}

void Budget::onSuccess(Instant now) {
  refill(now);
  ++successesThisSecond_;
  const int64_t earned = std::llround(settings_.percent / 100 * kToken);
  units_ = std::min(units_ + earned, capUnits(now));
}

bool Budget::spend(Instant now, double cost) {
  refill(now);
  const int64_t units = std::llround(cost * kToken);
  if (units_ < units) return false;
  units_ -= units;
  return true;
}

bool Budget::canSpend(Instant now, double cost) const {
  return unitsAt(now) >= std::llround(cost * kToken);
}

double Budget::tokens(Instant now) const {
  return static_cast<double>(unitsAt(now)) / kToken;
}

double Budget::cap(Instant now) const {
  return static_cast<double>(capUnits(now)) / kToken;
}

int64_t Budget::unitsAt(Instant now) const {
  const double cap = static_cast<double>(capUnits(now));
  const double elapsed = std::max(0.0, static_cast<double>((now - refilledAt_).count()));
  const double trickled = static_cast<double>(units_) + settings_.minPerSecond * elapsed;
  return std::llround(std::min(trickled, cap));
}

int64_t Budget::capUnits(Instant now) const {
  if (settings_.burst) return std::llround(*settings_.burst * kToken);
  const double share = settings_.percent / 100 * static_cast<double>(successesInSecondBefore(now));
  return std::llround(std::max(kSmallestAutoCap, share) * kToken);
}

uint64_t Budget::successesInSecondBefore(Instant now) const {
  if (now < secondStart_ + 1s) return successesLastSecond_;
  return now < secondStart_ + 2s ? successesThisSecond_ : 0;
}

void Budget::refill(Instant now) {
  units_ = unitsAt(now);
  refilledAt_ = std::max(refilledAt_, now);
  if (now < secondStart_ + 1s) return;
  successesLastSecond_ = successesInSecondBefore(now);
  successesThisSecond_ = 0;
  secondStart_ += std::chrono::floor<std::chrono::seconds>(now - secondStart_);
}

}  // namespace outrigger::policy
