#include "proxy/policy/latency_watch.h"

#include <algorithm>
#include <cmath>

#include "proxy/policy/endpoint_record.h"

namespace outrigger::policy {
namespace {

constexpr Duration kLookEvery = 1s;

constexpr double kBad = 0.05;  // p1
constexpr double kLeastUsual = 0.0025;
constexpr double kMostUsual = 0.01;
constexpr double kAllowed = 2;  // times the share of the others

}  // namespace

void LatencyScore::count(bool slow, double step) {
  ++answers_;
  slow_ += slow ? 1 : 0;
  score_ = std::min(score_ + step, kAlarm);
  if (score_ <= 0) absolve();
}

void LatencyScore::absolve() {
  score_ = 0;
  slow_ = 0;
  answers_ = 0;
}

void LatencyWatch::configure(const std::optional<LatencyTestSettings>& settings) {
  settings_ = settings;
  if (!settings_) bar_.reset();
  lookSoon();
}

void LatencyWatch::begin(Instant now, AttemptAge& attempt, EndpointRecord& endpoint) {
  if (!settings_) return;
  attempt.start_ = now;
  attempt.stoppedAt_ = kNever;
  attempt.endpoint_ = &endpoint;
  attempt.ejections_ = endpoint.ejections();
  attempt.passed_ = false;
  if (bar_) underWay_.pushBack(attempt);  // else there is nothing that it could pass
}

LatencyWatch::Sample LatencyWatch::end(Instant now, AttemptAge& attempt, Grade grade) {
  if (attempt.endpoint_ == nullptr) return Sample::None;
  EndpointRecord& endpoint = *std::exchange(attempt.endpoint_, nullptr);
  if (attempt.linked()) attempt.unlink();
  if (attempt.ejections_ != endpoint.ejections()) return Sample::None;
  const Duration age = std::min(now, attempt.stoppedAt_) - attempt.start_;
  const bool slow = attempt.passed_ || (bar_ && age >= *bar_);
  if (slow || grade == Grade::Success) endpoint.latency_.times_.add(now, age);
  if (attempt.passed_ || !bar_) return Sample::None;
  if (slow) return Sample::Slow;
  return grade == Grade::Success ? Sample::Fast : Sample::None;
}

EndpointRecord* LatencyWatch::takePassed(Instant now) {
  while (nextPassing() <= now) {
    AttemptAge& oldest = *underWay_.popFront();
    oldest.passed_ = true;
    if (oldest.ejections_ == oldest.endpoint_->ejections()) return oldest.endpoint_;
  }
  return nullptr;
}

// Of the endpoints in use; one that was ejected is remembered as it was then.
void LatencyWatch::moveBar(Instant now, std::span<EndpointRecord* const> all) {
  nextLook_ = now + kLookEvery;
  p99s_.clear();
  size_t inUse = 0;
  for (EndpointRecord* endpoint : all) {
    const auto p99 = endpoint->latency_.times_.p99();
    endpoint->latency_.p99_ = p99.value_or(Duration::zero());
    if (endpoint->state() == EndpointRecord::State::Ejected) continue;
    ++inUse;
    if (p99) p99s_.push_back(*p99);
  }
  bar_.reset();
  if (!settings_ || inUse < 2 || p99s_.size() * 2 < inUse) return;
  const auto median = p99s_.begin() + static_cast<std::ptrdiff_t>((p99s_.size() - 1) / 2);
  std::ranges::nth_element(p99s_, median);
  bar_ = *median * settings_->barPercent / 100;
  measure(all);
}

// What is usual: the share of slow answers in the better half of the endpoints, one more allowed for what few answers
// do not show.
void LatencyWatch::measure(std::span<EndpointRecord* const> all) {
  answers_.clear();
  for (const EndpointRecord* endpoint : all) {
    if (endpoint->state() != EndpointRecord::State::Ejected) {
      answers_.push_back(endpoint->latency_.times_.countsAbove(*bar_));
    }
  }
  const RateWindow::Counts better = betterHalf(answers_);
  const double share =
      static_cast<double>(better.failed + 1) / static_cast<double>(std::max<uint64_t>(better.total, 1));
  const double usual = std::clamp(kAllowed * share, kLeastUsual, kMostUsual);
  slowStep_ = std::log(kBad / usual);
  fastStep_ = std::log1p(-kBad) - std::log1p(-usual);
}

}  // namespace outrigger::policy
