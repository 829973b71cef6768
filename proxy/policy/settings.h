// What the operator may say about resilience: plain values, as the config file states them (CONTRACT §3), with the
// built-in defaults. Immutable once they are in a snapshot; any thread may read them. What each one means is written
// at the policy of the same name.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/time.h"
#include "proxy/http/method.h"

namespace outrigger::policy {

/// A duration that may be left to the proxy: `auto`, `none` or a time.
struct AutoDuration {
  bool isAuto = true;
  std::optional<Duration> value;  ///< of a fixed one; nullopt: none

  static AutoDuration automatic() { return {}; }
  static AutoDuration fixed(Duration d) { return {false, d}; }
  static AutoDuration none() { return {false, std::nullopt}; }
  bool operator==(const AutoDuration&) const = default;
};

/// A set of status codes, 100 to 599.
class StatusSet {
 public:
  void add(uint16_t status) { bits_.set(status); }
  void addClass(int hundreds) {
    for (int s = hundreds * 100; s < hundreds * 100 + 100; ++s) bits_.set(static_cast<size_t>(s));
  }
  bool has(uint16_t status) const { return status < bits_.size() && bits_.test(status); }
  bool operator==(const StatusSet&) const = default;

 private:
  std::bitset<600> bits_;
};

/// Ways in which an attempt can fail: the words of `retry.when` and `failures`.
struct FailureKinds {
  bool unsent = true;   ///< provably not delivered to the application
  bool reset = true;    ///< the connection was lost before the response head
  bool timeout = true;  ///< the attempt timeout fired
  StatusSet statuses = gatewayStatuses();

  static StatusSet gatewayStatuses() {
    StatusSet set;
    for (const uint16_t status : std::to_array<uint16_t>({502, 503, 504})) set.add(status);
    return set;
  }
  bool operator==(const FailureKinds&) const = default;
};

/// nullopt: none.
struct TimeoutSettings {
  std::optional<Duration> request = 15s;  ///< first byte of the request to the end of a short answer, or to its head
  AutoDuration attempt;                   ///< one attempt, to its response head
  std::optional<Duration> connect = 1s;
  std::optional<Duration> idle = 5min;  ///< between bytes of a streaming answer
  std::optional<Duration> body = 30s;   ///< between bytes of an upload
};

struct BackoffSettings {
  Duration base = 25ms;
  Duration max = 1s;
};

struct BudgetSettings {
  double percent = 10;            ///< of successes, 0 to 100
  double minPerSecond = 1;        ///< retries that are always allowed
  std::optional<uint32_t> burst;  ///< cap of the bucket; nullopt: auto
};

struct RetrySettings {
  uint32_t limit = 2;  ///< tries after the first, 0 to 10
  FailureKinds when;
  http::MethodSet methods{http::Method::Get,   http::Method::Head, http::Method::Options,
                          http::Method::Trace, http::Method::Put,  http::Method::Delete};
  std::optional<std::string> idempotencyKey;  ///< name of the header that makes any method replayable
  BackoffSettings backoff;
  BudgetSettings budget;
  uint64_t bufferBody = 64 * 1024;  ///< octets of a request body that are kept for a replay
};

/// What a second attempt beside a slow one may cost, in percent of the requests; 0: off.
struct HedgeSettings {
  double percent = 0;
};

struct BreakerSettings {
  enum class Per : uint8_t { Upstream, Route };
  std::optional<uint32_t> consecutive = 5;  ///< failures in a row; nullopt: none
  Duration window = 10s;
  uint32_t minRequests = 20;                ///< in the window, before errorPercent and slowPercent count
  std::optional<double> errorPercent = 50;  ///< 0 to 100; nullopt: none
  std::optional<double> slowPercent{};      ///< of calls slower than slowCall, 0 to 100; nullopt: none
  std::optional<Duration> slowCall{};       ///< nullopt exactly where slowPercent is
  Duration open = 500ms;
  Duration maxOpen = 2s;
  Per per = Per::Upstream;
};

/// An endpoint is compared with the others by its failure rate (policy/rate_test.h).
struct ErrorTestSettings {
  Duration window = 10s;
  double gapPercent = 2;  ///< the least difference between the two rates that counts, in percentage points
};

/// An endpoint is compared with the others by its slow answers (policy/latency_watch.h).
struct LatencyTestSettings {
  uint32_t barPercent = 150;  ///< slow is what passes this part of the endpoints' lower median p99
};

struct EjectSettings {
  std::optional<uint32_t> consecutive = 5;                             ///< failures in a row; nullopt: none
  std::optional<ErrorTestSettings> errors = ErrorTestSettings{};       ///< nullopt: none
  std::optional<LatencyTestSettings> latency = LatencyTestSettings{};  ///< nullopt: none
  Duration baseTime = 5s;
  Duration maxTime = 5min;
  double maxPercent = 50;  ///< of an upstream's endpoints, 0 to 100
};

struct LimitSettings {
  uint32_t connections = 1024;
  uint32_t requests = 4096;
  uint32_t pending = 1024;
  std::optional<Duration> pendingTimeout = 1s;
  AutoDuration idle;               ///< how long an unused connection is kept; auto: learned
  std::optional<Duration> maxAge;  ///< of a connection; nullopt: none
};

enum class Balance : uint8_t { RoundRobin, LeastRequest, Random, Ewma, Hash };

/// What a request is hashed by: requests with the same key go to the same endpoint while it can take them.
struct HashKey {
  enum class From : uint8_t {
    Header,
    Cookie,  ///< one is given to callers that bring none
    Source,  ///< the address of the peer
  };
  From from = From::Source;
  std::string name{};             ///< of the header, in lower case, or of the cookie
  std::optional<Duration> ttl{};  ///< of a cookie that we give; nullopt: as long as the session
};

struct BalanceSettings {
  Balance kind = Balance::LeastRequest;
  HashKey hash{};  ///< with Balance::Hash
};

/// Probes that tell whether an endpoint can serve, beside the traffic.
struct HealthSettings {
  enum class Kind : uint8_t { Http, Tcp, Grpc };
  Kind kind = Kind::Http;
  std::string path = "/";             ///< of an HTTP check; statuses 200 to 399 pass
  std::optional<std::string> host{};  ///< of an HTTP or gRPC check; nullopt: the upstream's name
  std::string service{};              ///< of a gRPC check (grpc.health.v1); empty: the server as a whole
  Duration interval = 5s;
  Duration timeout = 1s;
  uint32_t unhealthy = 3;  ///< failed checks in a row that take an endpoint out, 1 to 100
  uint32_t healthy = 2;    ///< passed ones that bring it back, 1 to 100
};

/// Whether decisions of breaker, ejection, budget and hedging are carried out, or only counted.
enum class Mode : uint8_t { Enforce, Observe };

/// The header that stands before everything else on a connection (PROXY protocol, HAProxy's specification).
enum class ProxyProtocol : uint8_t { None, V1, V2 };

/// One rule about who may call. All conditions that are given must hold; the first rule that fits decides.
struct AccessRule {
  std::string name;
  std::vector<std::string> identities;  ///< SPIFFE IDs; one that ends in "/*" takes all below; empty: anybody
  std::vector<std::string> methods;     ///< empty: any
  std::optional<std::string> path;      ///< exact
  std::optional<std::string> prefix;    ///< whole segments
  bool allow = true;
};

/// Who may call the app.
struct AccessSettings {
  bool allowByDefault = true;  ///< where no rule fits
  std::vector<AccessRule> rules;
  Mode mode = Mode::Enforce;
};

/// Everything an upstream's policy says. nullopt: that policy is off.
struct PolicySettings {
  TimeoutSettings timeout;
  RetrySettings retry;
  HedgeSettings hedge;
  FailureKinds failures;
  std::optional<BreakerSettings> breaker = BreakerSettings{};
  std::optional<EjectSettings> eject = EjectSettings{};
  LimitSettings limits;
  Mode mode = Mode::Enforce;
};

}  // namespace outrigger::policy
