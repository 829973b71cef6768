// Ejection by failure rates and by latency as traffic sees it, what is told of it, `mode: observe`, and what happens
// when too few endpoints are left.
#include <gtest/gtest.h>

#include <algorithm>

#include "proxy/policy/mode.h"
#include "tests/support/sim/callers.h"

namespace outrigger::sim {
namespace {

using upstream::EndpointState;

constexpr const char* kEndpoints = "upstreams: {orders: {endpoints: ['${a}', '${b}', '${c}', '${d}']}}";

constexpr const char* kInTurn =
    "upstreams: {orders: {balance: round-robin, endpoints: ['${a}', '${b}', '${c}', '${d}']}}";

struct Four {
  explicit Four(const std::string& policy = "{}", const std::string& upstreams = kEndpoints) {
    for (const char* name : {"a", "b", "c", "d"}) {
      services.push_back(&world.service(name).takes(Law::lognormal(4ms, 0.5)));
    }
    sidecar = &world.sidecar("log: {access: none}\npolicies: {default: " + policy + "}\n" + upstreams);
    callers = std::make_unique<Callers>(world, *sidecar, Callers::Load{.perSecond = 400, .host = "orders"});
  }
  std::vector<const server::Decision*> decisions(const std::string& kind) const {
    std::vector<const server::Decision*> found;
    for (const auto& decision : sidecar->decisions()) {
      if (decision.kind == kind) found.push_back(&decision);
    }
    return found;
  }
  int64_t inState(EndpointState state) const {
    return sidecar->series("orders").endpoints[static_cast<size_t>(state)].value();
  }
  uint64_t ejections(policy::EjectCause cause) const {
    return sidecar->series("orders").ejections[static_cast<size_t>(cause)].value();
  }
  uint64_t would() const { return sidecar->series("orders").would[static_cast<size_t>(policy::Would::Eject)].value(); }

  World world;
  std::vector<Service*> services;
  Sidecar* sidecar = nullptr;
  std::unique_ptr<Callers> callers;
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(EjectionByErrors, IsToldWithItsNumbers) {
  Four four;
  four.services[0]->fails(0.25);
  four.callers->run(3s);
  EXPECT_EQ(four.ejections(policy::EjectCause::Errors), 1U);
  EXPECT_EQ(four.inState(EndpointState::Ejected), 1);
  EXPECT_EQ(four.callers->tally(1s).good, four.callers->tally(1s).sent);
  ASSERT_EQ(four.decisions("ejection").size(), 1U);
  const server::Decision& decision = *four.decisions("ejection").front();
  EXPECT_EQ(decision.endpoint, four.services[0]->address().text());
  for (const char* part : {"10.0.0.1:8080 of orders ejected for ", " ms: ",
                           " requests failed, the better half of the others "
                           "0 of ",
                           "(chance alone: 1 in 10^"}) {
    EXPECT_TRUE(holds(decision.text, part)) << decision.text;
  }
}

TEST(EjectionByLatency, IsToldWithItsNumbersAndSuspicionBefore) {
  Four four;
  four.callers->start(12s);
  four.world.run(4s);
  four.services[0]->takes(Law::lognormal(4ms, 0.5).plus(500ms, 0.1));
  four.callers->finish();
  EXPECT_GE(four.ejections(policy::EjectCause::Latency), 1U);
  EXPECT_EQ(four.callers->tally().good, four.callers->sent()) << "nobody fails for it";
  ASSERT_FALSE(four.decisions("ejection").empty());
  ASSERT_FALSE(four.decisions("suspect").empty());
  const std::string ejected = four.decisions("ejection").front()->text;
  const std::string suspected = four.decisions("suspect").front()->text;
  EXPECT_TRUE(holds(suspected, "10.0.0.1:8080 of orders gets a quarter of its share: ")) << suspected;
  for (const std::string& text : {ejected, suspected}) {
    EXPECT_TRUE(holds(text, " of the last ")) << text;
    EXPECT_TRUE(holds(text, " requests took longer than ")) << text;
    EXPECT_TRUE(holds(text, " ms (1.5 x the endpoints' p99)")) << text;
  }
}

TEST(EjectionByLatency, AnEndpointThatNeverAnswersGoesBeforeAnyTimeout) {
  Four four("{timeout: {request: 60s, attempt: 20s}}", kInTurn);
  four.callers->start(8s);
  four.world.run(4s);
  four.services[0]->fails(1, Service::Failure::Hang);
  const WallTime since = four.world.loop().turn().wall;
  four.world.run(3s);
  ASSERT_EQ(four.decisions("ejection").size(), 1U);
  EXPECT_LE(four.decisions("ejection").front()->time - since, 1s);
  EXPECT_EQ(four.ejections(policy::EjectCause::Latency), 1U);
}

TEST(EjectionByLatency, WhenAllSlowDownOnlyThatIsTold) {
  Four four;
  four.callers->start(12s);
  four.world.run(4s);
  for (Service* service : four.services) service->takes(Law::lognormal(4ms, 0.5).plus(50ms, 1));
  four.callers->finish();
  EXPECT_TRUE(four.decisions("ejection").empty());
  const auto told = four.decisions("suspect");
  EXPECT_TRUE(std::ranges::any_of(told, [](const auto* decision) {
    return holds(decision->text, "orders is slow as a whole, nobody is suspected");
  }));
  EXPECT_EQ(four.callers->tally().good, four.callers->sent());
}

TEST(Ejection, ALoneEndpointIsNeverSuspected) {
  World world;
  auto& only = world.service("only").takes(Law::lognormal(4ms, 0.5));
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${only}']}}");
  Callers callers(world, sidecar, {.perSecond = 200, .host = "orders"});
  callers.start(6s);
  world.run(3s);
  only.takes(Law::lognormal(4ms, 0.5).plus(500ms, 0.3));
  callers.finish();
  EXPECT_TRUE(sidecar.decisions().empty());
}

// ---- mode: observe

TEST(EjectionObserved, IsCountedAndToldAndNotDone) {
  Four four("{mode: observe, breaker: none, eject: {baseTime: 2s}}");
  four.services[0]->fails(0.5);
  four.callers->run(7s);
  EXPECT_EQ(four.inState(EndpointState::Healthy), 4);
  for (const auto& ejected : four.sidecar->series("orders").ejections) EXPECT_EQ(ejected.value(), 0U);
  EXPECT_GE(four.would(), 2U) << "again, when its time was over";
  EXPECT_LE(four.would(), 4U) << "and not with every request";
  EXPECT_EQ(four.decisions("ejection").size(), four.would());
  EXPECT_TRUE(four.decisions("return").empty()) << "it was never away";
  const std::string text = four.decisions("ejection").front()->text;
  EXPECT_TRUE(text.starts_with("would eject 10.0.0.1:8080 of orders for ")) << text;
  size_t least = SIZE_MAX;
  size_t most = 0;
  for (const Service* service : four.services) {
    least = std::min(least, service->counters().begun);
    most = std::max(most, service->counters().begun);
  }
  EXPECT_LT(static_cast<double>(most), 1.8 * static_cast<double>(least)) << "each has its share";
}

TEST(EjectionObserved, ASlowEndpointKeepsItsShare) {
  Four four("{mode: observe}", kInTurn);
  four.callers->start(10s);
  four.world.run(4s);
  four.services[0]->takes(Law::lognormal(4ms, 0.5).plus(500ms, 0.1));
  const size_t before = four.services[0]->counters().begun;
  four.callers->finish();
  EXPECT_GE(four.would(), 1U);
  EXPECT_NEAR(static_cast<double>(four.services[0]->counters().begun - before), 600, 80);
}

TEST(EjectionObserved, AReloadToEnforceCarriesItOut) {
  Four four("{mode: observe, breaker: none}");
  four.services[0]->fails(0.5);
  four.callers->start(3s);
  four.world.run(2s);
  EXPECT_EQ(four.would(), 1U);
  EXPECT_EQ(four.sidecar->reload("log: {access: none}\n" + std::string(kEndpoints)), "");
  EXPECT_EQ(four.inState(EndpointState::Ejected), 1);
  four.callers->finish();
}

// ---- Panic

constexpr const char* kChecked =
    "upstreams: {orders: {health: {path: /healthz, interval: 500ms, timeout: 200ms, unhealthy: 2, healthy: 2}, "
    "endpoints: ['${a}', '${b}', '${c}', '${d}']}}";

TEST(Panic, WhenMostAreOutAllAreUsedByTheirRecentSuccess) {
  Four four("{eject: none, breaker: none}", kChecked);
  four.callers->start(12s);
  four.world.run(2s);
  for (size_t i = 0; i < 3; ++i) four.services[i]->fails(0.9);
  four.world.run(6s);
  ASSERT_FALSE(four.decisions("panic").empty());
  EXPECT_TRUE(holds(four.decisions("panic").front()->text, "3 of 4 endpoints of orders are out"))
      << four.decisions("panic").front()->text;
  std::vector<size_t> before;
  for (const Service* service : four.services) before.push_back(service->counters().begun);
  four.world.run(2s);
  const size_t good = four.services[3]->counters().begun - before[3];
  for (size_t i = 0; i < 3; ++i) {
    const size_t bad = four.services[i]->counters().begun - before[i];
    EXPECT_GT(bad, 5U) << "all are used";
    EXPECT_LT(bad, good) << "but who succeeds gets more";
  }
  for (size_t i = 0; i < 3; ++i) four.services[i]->fails(0);
  four.world.run(2s);
  four.callers->finish();
  EXPECT_TRUE(holds(four.decisions("panic").back()->text, "the others are enough again"));
}

}  // namespace
}  // namespace outrigger::sim
