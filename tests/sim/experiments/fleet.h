// Ejection and balancing alone, against laws of service times: no worker, no connections, so that an hour at a thousand
// requests a second takes a second or two. For what needs millions of requests: how often healthy endpoints are
// ejected. Beside it, over the same outcomes, the naive rules. A seed is a test case. Owned by a test.
#pragma once

#include <deque>
#include <queue>
#include <vector>

#include "proxy/policy/balancer.h"
#include "proxy/policy/ejection.h"
#include "tests/support/sim/law.h"

namespace outrigger::sim {

/// What others do: a sweep every 10 s over what the endpoints did in it, of those with at least 50 requests.
class NaiveSweeps {
 public:
  explicit NaiveSweeps(size_t endpoints) : samples_(endpoints) {}

  void add(Instant now, size_t endpoint, bool failed, Duration took);

  /// Success rate below the mean by more than 1.9 deviations.
  size_t flaggedByErrors() const { return byErrors_; }
  /// 99th percentile above 1.5 times the median of all.
  size_t flaggedByLatency() const { return byLatency_; }

 private:
  struct Samples {
    size_t failed = 0;
    std::vector<Duration> times;
  };

  void sweep();
  void judgeErrors();
  void judgeLatency();

  std::vector<Samples> samples_;
  Instant next_{};
  size_t byErrors_ = 0;
  size_t byLatency_ = 0;
};

class Fleet {
 public:
  struct Setting {
    size_t endpoints = 12;
    double perSecond = 1000;  ///< in all, at random instants (Poisson), whatever becomes of the requests
    Law law = Law::lognormal(4ms, 0.5);
    policy::Balance balance = policy::Balance::RoundRobin;
    policy::EjectSettings eject{};
  };
  struct Ejected {
    Instant when;
    size_t endpoint;
    policy::EjectCause cause;
  };

  Fleet(const Setting& setting, uint64_t seed);

  // What endpoints are like, for requests from now on.

  void takes(size_t endpoint, const Law& law) { endpoints_[endpoint].law = law; }
  /// A share of the requests, from 0 to 1, fails after the usual time.
  void fails(size_t endpoint, double share) { endpoints_[endpoint].failing = share; }

  void run(Duration span);

  // What was decided.

  Instant now() const { return now_; }
  const std::vector<Ejected>& ejected() const { return ejected_; }
  /// From `since` to the first ejection of that endpoint; the longest time if there is none.
  Duration untilEjected(size_t endpoint, Instant since) const;
  size_t suspicions() const { return suspicions_; }
  const NaiveSweeps& naive() const { return naive_; }

 private:
  struct Member {
    Law law;
    double failing = 0;
    policy::EndpointRecord record{};
  };
  struct Request {
    policy::AttemptAge age{};
    size_t endpoint = 0;
    uint32_t ejections = 0;
    bool failed = false;
    Instant start{};
  };
  struct Completion {
    Instant when;
    Request* request;
    bool operator>(const Completion& other) const { return when > other.when; }
  };

  void step(Instant arrival, Instant completion);
  void arrive();
  void complete(Request& request);
  void hear(policy::Ejection::News news);
  void refreshShares();

  Setting setting_;
  Rng rng_;
  Instant now_{Duration(1000s)};
  policy::Ejection ejection_;
  policy::Balancer balancer_;
  std::deque<Member> endpoints_;
  std::vector<policy::EndpointRecord*> records_;
  std::vector<policy::Candidate> candidates_;
  std::deque<Request> requests_;
  std::vector<Request*> free_;
  std::priority_queue<Completion, std::vector<Completion>, std::greater<>> underWay_;
  Instant nextReturn_ = kNever;
  std::vector<Ejected> ejected_;
  size_t suspicions_ = 0;
  NaiveSweeps naive_;
};

}  // namespace outrigger::sim
