#include "filters/local_rate_limit/local_rate_limit.h"

#include <algorithm>
#include <atomic>

namespace outrigger::filters::local_rate_limit {
namespace {

using config::into;
using config::Node;

struct Settings {
  uint32_t requests = 1;
  Duration per = 1s;
  std::optional<uint32_t> burst;
};

constexpr int64_t kMostRequests = 1'000'000;
constexpr Duration kShortestInterval = 1us;
constexpr config::Field kFields[] = {
    {"requests", config::integer(1, kMostRequests), "How many may pass in each period.", into<&Settings::requests>,
     true, "requests: 100"},
    {"per", config::duration(1ms, 1h), "The period; else 1s.", into<&Settings::per>},
    {"burst", config::integer(1, kMostRequests), "How many may pass at once; else as many as `requests`.",
     into<&Settings::burst>},
};
constexpr config::Shape kShape = config::shapeOf<Settings>("the filter `local-rate-limit`", kFields);

// The meter counts whole nanoseconds between two requests, rounded up. Down to this interval that costs the route less
// than a thousandth of its rate.
void alsoCheck(const Node& node, config::Diagnostics& diagnostics) {
  Settings settings;
  config::fill(settings, node, kShape);
  if (settings.per / settings.requests >= kShortestInterval) return;
  const auto most = settings.per / kShortestInterval;
  diagnostics.report(config::Code::OutOfRange, node.find("requests")->place(),
                     "more than one request in each microsecond is no limit that can be kept",
                     "requests: " + std::to_string(most));
}

/// A leaky bucket as a meter, in the virtual scheduling form of the generic cell rate algorithm (GCRA; ITU-T
/// Recommendation I.371): instead of a level that drains, it keeps the instant by which all that has passed would have
/// passed at an even pace. A request may be early against it by at most what the burst allows. The whole state is one
/// number, so that several workers share it without a lock: a request either moves it on by one interval, or sees that
/// another did and looks again. Workers whose clocks' readings lag are judged a little more strictly, never less.
class Meter {
 public:
  Meter(Duration interval, uint32_t burst) : interval_(interval), tolerance_(interval * (burst - 1)) {}

  /// Zero: the request may pass and is counted. Else: the time until one may.
  Duration take(Instant now) {
    int64_t known = paidUntil_.load(std::memory_order_relaxed);
    while (true) {
      const Instant paidUntil = std::max(Instant(Duration(known)), now);
      const Duration early = paidUntil - now;
      if (early > tolerance_) return early - tolerance_;
      const int64_t next = (paidUntil + interval_).time_since_epoch().count();
      if (paidUntil_.compare_exchange_weak(known, next, std::memory_order_relaxed)) return Duration::zero();
    }
  }

 private:
  const Duration interval_;
  const Duration tolerance_;
  std::atomic<int64_t> paidUntil_{INT64_MIN};  // nanoseconds of the monotonic clock
};

// So that no more than `requests` pass in a period: rounded up.
Duration intervalOf(const Settings& settings) {
  return (settings.per + Duration(settings.requests - 1)) / settings.requests;
}

// RFC 9110 §10.2.3: whole seconds; an earlier return would only be refused again.
uint64_t wholeSeconds(Duration wait) {
  return static_cast<uint64_t>(std::max<int64_t>(1, (wait + 1s - 1ns) / 1s));
}

class LocalRateLimit final : public exchange::Filter {
 public:
  explicit LocalRateLimit(const Settings& settings)
      : meter_(intervalOf(settings), settings.burst.value_or(settings.requests)) {}

  exchange::Verdict onRequest(exchange::FilterContext& context, http::RequestHead&) const override {
    const Duration wait = meter_.take(context.now());
    if (wait == Duration::zero()) return exchange::Verdict::goOn();
    exchange::LocalReply reply{.reason = Reason::RateLimited};
    reply.fields = http::FieldList(context.arena());
    reply.fields.add(http::Header::RetryAfter, context.arena().number(wholeSeconds(wait)));
    return exchange::Verdict::answer(reply);
  }

 private:
  mutable Meter meter_;
};

}  // namespace

constinit const config::FilterSchema kSchema{"local-rate-limit",
                                             "Lets so many requests pass in each period, and answers 429 to the rest.",
                                             config::map(kShape), alsoCheck};

std::shared_ptr<const exchange::Filter> make(const config::Node& node) {
  Settings settings;
  config::fill(settings, node, kShape);
  return std::make_shared<const LocalRateLimit>(settings);
}

}  // namespace outrigger::filters::local_rate_limit
