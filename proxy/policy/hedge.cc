#include "proxy/policy/hedge.h"

#include <algorithm>
#include <cmath>

namespace outrigger::policy {
namespace {

constexpr double kStep = 0.02;     // of the delay's logarithm
constexpr double kEarnings = 1.1;  // of the share: the delay overshoots now and then, and unused tokens are no debt
constexpr double kMostTokens = 20;
constexpr double kShortest = 1e6;  // nanoseconds
constexpr double kLongest = 2e9;   // nanoseconds
constexpr uint32_t kInTimeToHalve = 300;
constexpr double kInTimeShares = 6;  // so many shares in time in a row happen by chance once in e^6 times

}  // namespace

void Hedge::configure(const HedgeSettings& settings) {
  if (settings.percent == percent_) return;
  percent_ = settings.percent;
  const double share = percent_ / 100;
  earned_ = kEarnings * share;
  longer_ = std::exp(kStep * (1 - share));
  shorter_ = std::exp(-kStep * share);
  halveAfter_ = share > 0 ? std::max(kInTimeToHalve, static_cast<uint32_t>(std::min(kInTimeShares / share, 1e9)))
                          : kInTimeToHalve;
}

Duration Hedge::delay() const {
  return Duration(static_cast<int64_t>(delay_));
}

void Hedge::onFirst() {
  tokens_ = std::min(tokens_ + earned_, kMostTokens);
}

void Hedge::onInTime() {
  delay_ *= shorter_;
  // The services have become much faster: steps of a two-thousandth would take minutes to follow.
  if (++inTimeRun_ >= halveAfter_) {
    inTimeRun_ = 0;
    delay_ /= 2;
  }
  delay_ = std::max(delay_, kShortest);
}

void Hedge::onOverdue() {
  inTimeRun_ = 0;
  delay_ = std::min(delay_ * longer_, kLongest);
}

}  // namespace outrigger::policy
