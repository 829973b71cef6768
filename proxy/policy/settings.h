// What the operator may say about resilience: plain values, as the config file states them (CONTRACT §3), with the
// built-in defaults. Immutable once they are in a snapshot; any thread may read them. What each one means is written
// at the policy of the same name.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>

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

struct BreakerSettings {
  std::optional<uint32_t> consecutive = 5;  ///< failures in a row; nullopt: none
  Duration window = 10s;
  uint32_t minRequests = 20;                ///< in the window, before errorPercent counts
  std::optional<double> errorPercent = 50;  ///< 0 to 100; nullopt: none
  Duration open = 500ms;
  Duration maxOpen = 2s;
};

struct EjectSettings {
  std::optional<uint32_t> consecutive = 5;  ///< failures in a row; nullopt: none
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

enum class Balance : uint8_t { RoundRobin, LeastRequest, Random };

/// Everything an upstream's policy says. nullopt: that policy is off.
struct PolicySettings {
  TimeoutSettings timeout;
  RetrySettings retry;
  FailureKinds failures;
  std::optional<BreakerSettings> breaker = BreakerSettings{};
  std::optional<EjectSettings> eject = EjectSettings{};
  LimitSettings limits;
};

}  // namespace outrigger::policy
