// Breaker, ejection and balancer together.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "proxy/policy/balancer.h"
#include "proxy/policy/breaker.h"
#include "proxy/policy/ejection.h"

namespace outrigger::policy {
namespace {

using State = Breaker::State;

Instant at(Duration sinceStart) {
  return Instant(1000s) + sinceStart;
}

// An upstream as the worker drives it: attempts that take time, retries.
class Upstream {
 public:
  Upstream(uint32_t endpoints, uint64_t seed) : rng_(seed), records_(endpoints), candidates_(endpoints) {
    for (auto& record : records_) all_.push_back(&record);
  }

  /// Requests of rate / s for `span`; an endpoint for which dead(index) answers after `failAfter` with a failure.
  template <class Dead>
  void run(Duration span, Duration gap, Duration service, Duration failAfter, Dead&& dead) {
    const Instant end = now_ + span;
    while (now_ < end) {
      now_ += rng_.between(gap / 2, gap * 3 / 2);
      finishDue();
      begin({}, service, failAfter, dead);
    }
  }

  uint64_t refused = 0;
  uint64_t attempts = 0;
  uint64_t failures = 0;
  uint64_t failuresBeforeOpen = 0;
  bool opened = false;
  bool withoutUsable = false;

 private:
  struct Attempt {
    Instant due;
    uint32_t endpoint;
    uint32_t ejections;
    bool fails;
    Breaker::Ticket ticket;
  };

  template <class Dead>
  void begin(std::vector<uint32_t> tried, Duration service, Duration failAfter, Dead& dead) {
    const auto ticket = breaker_.admit(now_);
    if (!ticket) {
      ++refused;
      return;
    }
    for (size_t i = 0; i < records_.size(); ++i) {
      ejection_.refresh(now_, records_[i]);
      candidates_[i].share = records_[i].share();
    }
    const auto chosen = balancer_.pick(candidates_, {.avoid = tried}, rng_);
    if (!chosen) {
      withoutUsable = true;
      return;
    }
    ++attempts;
    ++candidates_[*chosen].inFlight;
    const bool fails = dead(*chosen);
    const Duration took = fails ? failAfter : rng_.between(service / 2, service * 2);
    underWay_.push_back({now_ + took, *chosen, records_[*chosen].ejections(), fails, *ticket});
    // The failure of a connect is known at once, and tried elsewhere.
    if (!fails || failAfter > 1ms || tried.size() >= 2) return;
    finish(underWay_.back());
    underWay_.pop_back();
    tried.push_back(*chosen);
    begin(tried, service, failAfter, dead);
  }

  void finishDue() {
    std::ranges::sort(underWay_, {}, &Attempt::due);
    while (!underWay_.empty() && underWay_.front().due <= now_) {
      finish(underWay_.front());
      underWay_.pop_front();
    }
  }

  void finish(const Attempt& attempt) {
    EndpointRecord& record = records_[attempt.endpoint];
    --candidates_[attempt.endpoint].inFlight;
    const bool stale = record.ejections() != attempt.ejections;
    const Grade grade = stale ? Grade::Neutral : attempt.fails ? Grade::Failure : Grade::Success;
    failures += attempt.fails ? 1 : 0;
    const auto usable =
        static_cast<uint32_t>(std::ranges::count_if(records_, [](const auto& r) { return r.share() > 0; }));
    withoutUsable = withoutUsable || usable == 0;
    const State before = breaker_.state();
    breaker_.observe(now_, attempt.ticket, {grade, {}, attempt.endpoint, usable}, rng_);
    ejection_.observe(now_, record, all_, grade, rng_);
    if (before == State::Open || breaker_.state() != State::Open) return;
    if (!opened) failuresBeforeOpen = failures;
    opened = true;
    ejection_.forgiveRecent(now_, all_);
  }

  Rng rng_;
  Instant now_ = at(0s);
  Breaker breaker_{BreakerSettings{}};
  Ejection ejection_{EjectSettings{}};
  Balancer balancer_{Balance::LeastRequest};
  std::vector<EndpointRecord> records_;
  std::vector<EndpointRecord*> all_;
  std::vector<Candidate> candidates_;
  std::deque<Attempt> underWay_;
};

TEST(BreakerAmongEndpoints, OneDeadEndpointOfTwoOrThreeDoesNotOpenIt) {
  for (const uint32_t endpoints : {2U, 3U}) {
    for (const Duration service : {20ms, 50ms}) {
      for (const Duration failAfter : {Duration(0ms), Duration(service / 2), Duration(500ms)}) {
        for (uint64_t seed = 1; seed <= 3; ++seed) {
          Upstream upstream(endpoints, seed);
          const Duration healthy = seed == 3 ? 0ms : 300ms;
          upstream.run(healthy, 2ms, service, failAfter, [](uint32_t) { return false; });
          upstream.run(700ms, 2ms, service, failAfter, [](uint32_t endpoint) { return endpoint == 0; });
          EXPECT_FALSE(upstream.opened) << endpoints << " endpoints, seed " << seed << ", " << failAfter.count();
          EXPECT_EQ(upstream.refused, 0U);
          EXPECT_FALSE(upstream.withoutUsable);
          EXPECT_GE(upstream.failures, 5U);
        }
      }
    }
  }
}

TEST(BreakerAmongEndpoints, AWhollyDeadUpstreamOpensItWithinFiveAttempts) {
  for (uint32_t endpoints = 1; endpoints <= 8; ++endpoints) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      Upstream upstream(endpoints, seed);
      upstream.run(200ms, 5ms, 1ms, 0ms, [](uint32_t) { return false; });
      upstream.run(100ms, 5ms, 1ms, 0ms, [](uint32_t) { return true; });
      EXPECT_TRUE(upstream.opened) << endpoints;
      EXPECT_LE(upstream.failuresBeforeOpen, 5U) << endpoints << " endpoints, seed " << seed;
      EXPECT_FALSE(upstream.withoutUsable);
    }
  }
}

TEST(BreakerAmongEndpoints, WhileTheUpstreamIsDeadEachOpeningCostsOneAttempt) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Upstream upstream(3, seed);
    upstream.run(20s, 5ms, 10ms, 2ms, [](uint32_t) { return true; });
    EXPECT_LE(upstream.failures, 5U + 14U) << "seed " << seed;  // openings of 0.4, 0.8, then at least 1.6 s
    const uint64_t failures = upstream.failures;
    upstream.run(3s, 5ms, 10ms, 2ms, [](uint32_t) { return false; });
    const uint64_t refused = upstream.refused;
    upstream.run(2s, 5ms, 10ms, 2ms, [](uint32_t) { return false; });
    EXPECT_EQ(upstream.refused, refused) << "full traffic after three seconds";
    EXPECT_LE(upstream.failures, failures + 1);
  }
}

}  // namespace
}  // namespace outrigger::policy
