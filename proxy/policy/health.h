// What health checks have shown of one endpoint, and when the next one is due (POLICIES §5). Pure.
//
// The verdict changes after so many failed, or so many passed, checks in a row; until the first has come the endpoint
// counts as healthy. While traffic proves it well (a success within the last interval, and no check has failed) only
// every fifth check is made.
#pragma once

#include <string>

#include "proxy/base/bytes.h"
#include "proxy/base/rng.h"
#include "proxy/policy/settings.h"

namespace outrigger::policy {

class HealthRecord {
 public:
  bool unhealthy() const { return unhealthy_; }
  /// Checks in a row: one of the two is 0.
  uint32_t failed() const { return failed_; }
  uint32_t passed() const { return passed_; }
  /// Why the last one that failed did; empty: none has.
  const std::string& lastFailure() const { return lastFailure_; }

  /// A check ended; `failure` says why it failed, empty: it passed. True if the verdict has changed.
  bool observe(Instant now, const HealthSettings& settings, Bytes failure);
  /// Another worker's checks have come to this verdict. True if it is news.
  bool adopt(bool unhealthy);
  /// A request was answered well.
  void onTraffic(Instant now) { lastSuccess_ = now; }

  /// When to ask due() first, and next: an interval from now, give or take 10 %.
  static Instant firstLook(Instant now, const HealthSettings& settings, Rng& rng);
  static Instant nextLook(Instant now, const HealthSettings& settings, Rng& rng);
  /// Whether a check is worth it now.
  bool due(Instant now, const HealthSettings& settings) const;

 private:
  bool unhealthy_ = false;
  uint32_t failed_ = 0;
  uint32_t passed_ = 0;
  std::string lastFailure_;
  std::optional<Instant> lastSuccess_;  // of a request
  std::optional<Instant> lastCheck_;
};

}  // namespace outrigger::policy
