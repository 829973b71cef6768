// Does an endpoint answer more slowly than the others? (POLICIES §4.) A request is slow as soon as its age passes the
// bar, 1.5 times the lower median of the endpoints' 99th percentiles, whether its answer has come or not. Each endpoint
// has a score, a CUSUM (Page, 1954) of the log-likelihood that 5 % of its requests are slow rather than p0, which is
// twice the share of the better half of the endpoints, 0.25 to 1 % (decisions/006). Pure; one worker's, one for each
// upstream.
//
// The requests that went out while the bar was known stand in one list, the oldest in front, so that nothing is asked
// of each but two links: who passes the bar leaves the list and is counted, once.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "proxy/base/list.h"
#include "proxy/policy/latency_histogram.h"
#include "proxy/policy/outcome.h"
#include "proxy/policy/rate_window.h"

namespace outrigger::policy {

class EndpointRecord;
struct AttemptAgeTag;

/// What is known of an endpoint's latencies.
class LatencyScore {
 public:
  static constexpr double kAlarm = 13.8;  ///< -ln of one in a million
  static constexpr double kHalf = kAlarm / 2;
  static constexpr double kQuarter = kAlarm / 4;

  double value() const { return score_; }
  /// Slow ones and all since the score last was 0.
  uint32_t slow() const { return slow_; }
  uint32_t answers() const { return answers_; }
  /// Of the last seconds, as it was last looked up; 0: there are too few answers.
  Duration p99() const { return p99_; }

  /// Forgets what speaks against it.
  void absolve();

 private:
  friend class LatencyWatch;
  void count(bool slow, double step);

  double score_ = 0;  // 0 to kAlarm
  uint32_t slow_ = 0;
  uint32_t answers_ = 0;
  Duration p99_{};
  LatencyHistogram times_;
};

/// The age of one attempt. Lives where the attempt lives, and does not move; one that dies leaves the list.
class AttemptAge : public ListNode<AttemptAgeTag> {
 public:
  /// The attempt is not to be judged.
  void drop() {
    unlink();
    endpoint_ = nullptr;
  }
  /// Its answer has begun: it does not grow older, though it is judged later.
  void stop(Instant now) {
    unlink();
    stoppedAt_ = std::min(stoppedAt_, now);
  }

 private:
  friend class LatencyWatch;
  Instant start_{};
  Instant stoppedAt_ = kNever;
  EndpointRecord* endpoint_ = nullptr;  // nullptr: has not begun, or has ended
  uint32_t ejections_ = 0;              // of the endpoint, when it began
  bool passed_ = false;                 // the bar; it has been counted
};

class LatencyWatch {
 public:
  enum class Sample : uint8_t { None, Fast, Slow };

  /// nullopt: none is slow.
  void configure(const std::optional<LatencyTestSettings>& settings);

  /// The request of an attempt goes out to `endpoint`.
  void begin(Instant now, AttemptAge& attempt, EndpointRecord& endpoint);
  /// It has been answered, or has ended without. What is to be counted now: an answer in time is Fast; one that ended
  /// otherwise before the bar says nothing; nor does one that has been counted, or that began before an ejection.
  Sample end(Instant now, AttemptAge& attempt, Grade grade);

  /// When the oldest request under way passes the bar; kNever if there is none.
  Instant nextPassing() { return bar_ && !underWay_.empty() ? after(underWay_.front().start_, *bar_) : kNever; }
  /// The endpoint of a request that has passed the bar and is to be counted as slow; nullptr: no more now.
  EndpointRecord* takePassed(Instant now);

  void countFast(LatencyScore& score) const {
    if (score.score_ > 0) score.count(false, fastStep_);
  }
  void countSlow(LatencyScore& score) const { score.count(true, slowStep_); }

  /// Moves the bar, if it is time for that. Call it before each use.
  void look(Instant now, std::span<EndpointRecord* const> all) {
    if (now >= nextLook_) moveBar(now, all);
  }
  /// At the next look, whenever that is.
  void lookSoon() { nextLook_ = Instant::min(); }

  /// nullopt until two endpoints are in use and half of these have answered 100 requests.
  std::optional<Duration> bar() const { return bar_; }

 private:
  void moveBar(Instant now, std::span<EndpointRecord* const> all);
  void measure(std::span<EndpointRecord* const> all);

  std::optional<LatencyTestSettings> settings_;
  std::optional<Duration> bar_;
  Instant nextLook_ = Instant::min();
  List<AttemptAge, AttemptAgeTag> underWay_;
  double slowStep_ = 0;                      // ln(p1 / p0)
  double fastStep_ = 0;                      // ln((1 - p1) / (1 - p0)), below 0
  std::vector<Duration> p99s_;               // scratch of moveBar()
  std::vector<RateWindow::Counts> answers_;  // scratch of measure()
};

}  // namespace outrigger::policy
