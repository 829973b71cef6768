#include "filters/fault/fault.h"

#include <atomic>

namespace outrigger::filters::fault {
namespace {

using config::into;
using config::Node;

struct DelaySettings {
  double percent = 0;
  Duration time{};
};

struct AbortSettings {
  double percent = 0;
  uint16_t status = 503;
};

struct Settings {
  std::optional<DelaySettings> delay;
  std::optional<AbortSettings> abort;
  std::optional<uint64_t> seed;
};

constexpr config::Field kDelayFields[] = {
    {"percent", config::percent(), "How many of the requests.", into<&DelaySettings::percent>, true, "percent: 10"},
    {"time", config::duration(1ms, 1h), "How long each waits.", into<&DelaySettings::time>, true, "time: 200ms"},
};
constexpr config::Shape kDelayShape = config::shapeOf<DelaySettings>("a delay", kDelayFields);
constexpr config::Field kAbortFields[] = {
    {"percent", config::percent(), "How many of the requests.", into<&AbortSettings::percent>, true, "percent: 1"},
    {"status", config::integer(400, 599), "The status of the answer.", into<&AbortSettings::status>, true,
     "status: 503"},
};
constexpr config::Shape kAbortShape = config::shapeOf<AbortSettings>("an abort", kAbortFields);
constexpr config::Field kFields[] = {
    {"delay", config::map(kDelayShape), "Lets some requests wait.", into<&Settings::delay>},
    {"abort", config::map(kAbortShape), "Answers some requests with an error.", into<&Settings::abort>},
    {"seed", config::integer(0, INT64_MAX), "Makes the choice of requests repeatable.", into<&Settings::seed>},
};
constexpr config::Shape kShape = config::shapeOf<Settings>("the filter `fault`", kFields);

void alsoCheck(const Node& settings, config::Diagnostics& diagnostics) {
  if (settings.find("delay") != nullptr || settings.find("abort") != nullptr) return;
  diagnostics.report(config::Code::MissingKey, settings.place(), "the filter `fault` needs `delay` or `abort`",
                     "abort: {percent: 1, status: 503}");
}

class Fault final : public exchange::Filter {
 public:
  explicit Fault(const Settings& settings) : settings_(settings) {}

  exchange::Verdict onRequest(exchange::FilterContext& context, http::RequestHead&) const override {
    if (!settings_.seed) return decide(context.rng());
    // A generator for each request: the numbers of one say nothing of the next one's.
    constexpr uint64_t kStride = 0xd1b54a32d192ed03;
    Rng rng(*settings_.seed + kStride * seen_.fetch_add(1, std::memory_order_relaxed));
    return decide(rng);
  }

 private:
  // Both are always drawn, so that changing one share leaves the other's choice of requests as it is.
  exchange::Verdict decide(Rng& rng) const {
    const bool delayed = rng.chance(settings_.delay ? settings_.delay->percent / 100 : 0);
    const bool aborted = rng.chance(settings_.abort ? settings_.abort->percent / 100 : 0);
    exchange::Verdict verdict;
    if (aborted) {
      exchange::LocalReply reply{.status = settings_.abort->status, .reason = Reason::FaultInjected};
      verdict = exchange::Verdict::answer(reply);
    } else if (delayed) {
      verdict.kind = exchange::Verdict::Kind::Delay;
    }
    if (delayed) verdict.delay = settings_.delay->time;
    return verdict;
  }

  const Settings settings_;
  mutable std::atomic<uint64_t> seen_{0};
};

}  // namespace

constinit const config::FilterSchema kSchema{"fault", "Delays some requests and answers some with an error.",
                                             config::map(kShape), alsoCheck};

std::shared_ptr<const exchange::Filter> make(const config::Node& node) {
  Settings settings;
  config::fill(settings, node, kShape);
  return std::make_shared<const Fault>(settings);
}

}  // namespace outrigger::filters::fault
