// An hour in which all is well: 12 endpoints, 1,000 requests a second, one of a thousand fails. Nothing opens. The
// breaker alone for all of it in either setting; the whole worker, and ejection with it, for 20 s in the short one.
#include <gtest/gtest.h>

#include "proxy/policy/breaker.h"
#include "tests/support/sim/callers.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

using policy::Breaker;
using policy::Grade;

constexpr uint32_t kEndpoints = 12;
constexpr double kErrors = 0.001;

class HealthyHour : public ::testing::TestWithParam<uint64_t> {};

TEST_P(HealthyHour, TheBreakerStaysClosed) {
  Breaker breaker({.slowPercent = 50, .slowCall = 20ms});
  Rng rng(GetParam());
  const Law law = Law::lognormal(4ms, 0.5);
  uint64_t opened = 0;
  uint64_t failed = 0;
  for (Instant now{}; now < Instant{} + 1h; now += 1ms) {
    const auto ticket = breaker.admit(now);
    const Grade grade = rng.chance(kErrors) ? Grade::Failure : Grade::Success;
    failed += grade == Grade::Failure;
    const auto endpoint = static_cast<uint32_t>(rng.below(kEndpoints));
    if (ticket) breaker.observe(now, *ticket, {grade, law.draw(rng), endpoint, kEndpoints}, rng);
    opened += breaker.state() != Breaker::State::Closed;
  }
  Experiment experiment("healthy");
  experiment.at("breaker alone", GetParam()).note("failures", static_cast<double>(failed), "");
  experiment.atMost("openings", static_cast<double>(opened), "", 0);
}

TEST_P(HealthyHour, TheWholeWorkerDecidesNothing) {
  World world(GetParam());
  std::string endpoints;
  for (uint32_t i = 0; i < kEndpoints; ++i) {
    const std::string name = "e" + std::to_string(i);
    world.service(name).takes(Law::lognormal(4ms, 0.5)).fails(kErrors);
    endpoints += (i == 0 ? "'${" : ", '${") + name + "}'";
  }
  auto& sidecar = world.sidecar("log: {access: none}\nupstreams: {orders: {endpoints: [" + endpoints + "]}}");
  Callers callers(world, sidecar, {.perSecond = 1000, .host = "orders"});
  callers.run(Experiment::shortOrFull<Duration>(20s, 1h));
  const metrics::UpstreamSeries& series = sidecar.series("orders");
  uint64_t ejections = 0;
  for (const auto& cause : series.ejections) ejections += cause.value();
  Experiment experiment("healthy");
  experiment.at("whole worker", GetParam()).atLeast("good", callers.tally().goodShare() * 100, "%", 99.99);
  const auto open = static_cast<size_t>(Breaker::State::Open);
  experiment.atMost("openings", static_cast<double>(series.breakerTransitions[open].value()), "", 0);
  experiment.atMost("ejections", static_cast<double>(ejections), "", 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HealthyHour, ::testing::ValuesIn(Experiment::seeds()));

}  // namespace
}  // namespace outrigger::sim
