// What a closed breaker looks at: the run of failures, and the window of failed and of slow calls (POLICIES §3). Owned
// by its Breaker. Pure.
//
// A run trips it only if it comes from at least max(2, half) of the usable endpoints (from the one, if there is but
// one) and is longer than the failure share before it makes likely: a plain "5 in a row" opens the whole upstream when
// one of two endpoints dies.
#pragma once

#include <optional>
#include <vector>

#include "proxy/policy/outcome.h"
#include "proxy/policy/rate_window.h"

namespace outrigger::policy {

/// How an attempt ended. What it tells of an endpoint that was ejected under it says nothing of those in use: Neutral.
struct BreakerCall {
  Grade grade = Grade::Neutral;
  Duration latency{};            ///< to the answer's head, or until it failed
  uint32_t endpoint = 0;         ///< any number that tells endpoints apart
  uint32_t usableEndpoints = 1;  ///< how many there are, >= 1
};

/// What opened a breaker.
struct BreakerCause {
  enum class Kind : uint8_t {
    Run,        ///< so many failures in a row
    Window,     ///< so many of the window's calls failed
    Slow,       ///< so many of the window's calls took longer than slowCall
    Probe,      ///< a probe failed
    SlowProbe,  ///< so many of the probes took longer than slowCall
    Sibling,    ///< another worker's has opened
  };
  Kind kind = Kind::Run;
  uint64_t count = 0;   ///< of the calls that were bad
  uint64_t calls = 0;   ///< of all that were looked at
  Duration slowCall{};  ///< what Slow and SlowProbe were measured by
};

class BreakerWatch {
 public:
  explicit BreakerWatch(const BreakerSettings& settings);

  /// The run stays, and each window whose length, and bar, are still the same.
  void configure(const BreakerSettings& settings);

  /// Takes in a call that is not Neutral. What trips the breaker, if that was too much.
  std::optional<BreakerCause> add(Instant now, const BreakerCall& call);
  void clear();

  /// Whether a call was slow, where the settings ask for that.
  bool isSlow(const BreakerCall& call) const { return settings_.slowCall && call.latency > *settings_.slowCall; }
  /// So many slow ones of `calls` are too many.
  bool tooSlow(uint64_t slow, uint64_t calls) const { return reaches(settings_.slowPercent, slow, calls); }

 private:
  static bool reaches(std::optional<double> percent, uint64_t part, uint64_t whole);
  void extendRun(Instant now, const BreakerCall& call);
  void endRun();
  bool runTrips() const;

  BreakerSettings settings_;
  RateWindow failures_;
  RateWindow slow_;  // counts a slow call as failed
  uint32_t run_ = 0;
  double shareBeforeRun_ = 0;
  uint32_t usableInRun_ = 0;            // the most there were during the run
  std::vector<uint32_t> runEndpoints_;  // distinct, in the present run
};

}  // namespace outrigger::policy
