// Balancers with the whole worker around them: what `hash` does when endpoints fail, come and go, and what `ewma` makes
// of endpoints that are slow or fail fast.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/sim/traffic.h"

namespace outrigger::sim {
namespace {

std::string hashConfig(const std::string& endpoints, const std::string& more = "") {
  return "upstreams: {orders: {balance: {hash: {header: x-user}}, endpoints: [" + endpoints + "]" + more + "}}";
}

/// Upstreams u0, u1, ... that say who they are.
struct Fleet {
  Fleet(World& world, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const std::string name = "u" + std::to_string(i);
      ups.push_back(&world.upstream(name).replies(200, name));
      list += (i == 0 ? "'${" : ", '${") + name + "}'";
    }
  }
  std::vector<Upstream*> ups;
  std::string list;
};

std::string whoServes(Sidecar& sidecar, int user) {
  return sidecar.get("orders", "/", {{"x-user", "user-" + std::to_string(user)}}).body;
}

std::map<int, std::string> whoServesEach(Sidecar& sidecar, int users) {
  std::map<int, std::string> served;
  for (int user = 0; user < users; ++user) served[user] = whoServes(sidecar, user);
  return served;
}

TEST(HashBalance, AUserStaysAtAnEndpointAndSidecarsAgree) {
  World world;
  const Fleet fleet(world, 5);
  auto& one = world.sidecar(hashConfig(fleet.list));
  auto& other = world.sidecar(hashConfig("'${u3}', '${u1}', '${u4}', '${u0}', '${u2}'"));
  const auto served = whoServesEach(one, 50);
  EXPECT_EQ(whoServesEach(one, 50), served);
  EXPECT_EQ(whoServesEach(other, 50), served);
  std::set<std::string> used;
  for (const auto& [user, name] : served) used.insert(name);
  EXPECT_EQ(used.size(), 5U);
}

TEST(HashBalance, WithoutTheHeaderAnyoneWillDo) {
  World world;
  const Fleet fleet(world, 3);
  auto& sidecar = world.sidecar(hashConfig(fleet.list));
  for (int i = 0; i < 300; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  for (const Upstream* up : fleet.ups) EXPECT_NEAR(static_cast<double>(up->hits()), 100, 35);
}

TEST(HashBalance, WhenAnEndpointIsEjectedOnlyItsUsersMoveAndTheyComeBack) {
  World world;
  const Fleet fleet(world, 5);
  auto& sidecar = world.sidecar(hashConfig(fleet.list));
  const auto before = whoServesEach(sidecar, 100);
  fleet.ups[2]->replies(503);
  for (int user = 0; user < 100; ++user) EXPECT_NE(whoServes(sidecar, user), "") << "retried at the next endpoint";
  const auto during = whoServesEach(sidecar, 100);
  for (const auto& [user, name] : before) {
    EXPECT_EQ(during.at(user) == name, name != "u2") << user;
  }
  EXPECT_EQ(whoServesEach(sidecar, 100), during) << "the heirs are always the same";
  fleet.ups[2]->replies(200, "u2");
  world.run(10s);
  for (int i = 0; i < 100; ++i) whoServesEach(sidecar, 100);
  EXPECT_EQ(whoServesEach(sidecar, 100), before);
}

TEST(HashBalance, WhenAnEndpointIsRemovedFewOtherUsersMove) {
  World world;
  const Fleet fleet(world, 10);
  auto& sidecar = world.sidecar(hashConfig(fleet.list));
  const auto before = whoServesEach(sidecar, 300);
  std::string rest;
  for (size_t i = 0; i < 9; ++i) rest += (i == 0 ? "'${u" : ", '${u") + std::to_string(i) + "}'";
  ASSERT_EQ(sidecar.reload(hashConfig(rest)), "");
  int moved = 0;
  for (const auto& [user, name] : whoServesEach(sidecar, 300)) {
    EXPECT_NE(name, "u9");
    moved += before.at(user) != "u9" && before.at(user) != name ? 1 : 0;
  }
  EXPECT_LT(moved, 20);
}

TEST(HashBalance, AHotUserDoesNotDrownItsEndpoint) {
  World world;
  const Fleet fleet(world, 4);
  for (Upstream* up : fleet.ups) up->replies(200).after(50ms);
  auto& sidecar = world.sidecar(hashConfig(fleet.list));
  Traffic traffic(world, sidecar, {.host = "orders", .headers = {{"x-user", "everybody"}}});
  traffic.start(800, 3s);
  size_t most = 0;
  for (int i = 0; i < 300; ++i) {
    world.run(10ms);
    sidecar.worker().forEachCluster([&](const upstream::Cluster& cluster) {
      cluster.endpoints().forEach([&](const upstream::Endpoint&, const policy::Candidate& candidate) {
        most = std::max<size_t>(most, candidate.inFlight);
      });
    });
  }
  EXPECT_TRUE(traffic.finish());
  EXPECT_EQ(traffic.failed(), 0U);
  EXPECT_LE(most, 15U) << "about 40 are in flight: ⌈1.25 · 41 / 4⌉ and a few";
}

// ---- Latency

TEST(EwmaBalance, LittleGoesToASlowEndpointAndItsTailWithIt) {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    std::map<std::string, size_t> slowHits;
    for (const std::string balance : {"ewma", "round-robin"}) {
      World world(seed);
      const Fleet fleet(world, 4);
      for (Upstream* up : fleet.ups) up->replies(200).after(5ms);
      fleet.ups[1]->replies(200).after(300ms);
      auto& sidecar = world.sidecar("policies: {default: {eject: none}}\nupstreams: {orders: {balance: " + balance +
                                    ", endpoints: [" + fleet.list + "]}}");
      Traffic traffic(world, sidecar, {.host = "orders"});
      traffic.start(400, 10s);
      EXPECT_TRUE(traffic.finish());
      EXPECT_EQ(traffic.failed(), 0U);
      slowHits[balance] = fleet.ups[1]->hits();
    }
    EXPECT_LT(slowHits["ewma"], 40U) << "1 % of 4,000";
    EXPECT_EQ(slowHits["round-robin"], 1000U);
    std::printf("ewma (simulated): seed %d: %zu of 4000 requests at the slow one of 4, round-robin %zu\n",
                static_cast<int>(seed), slowHits["ewma"], slowHits["round-robin"]);
  }
}

TEST(EwmaBalance, AnEndpointThatFailsFastDoesNotAttract) {
  World world;
  const Fleet fleet(world, 4);
  for (Upstream* up : fleet.ups) up->replies(200).after(20ms);
  fleet.ups[1]->replies(500);
  auto& sidecar = world.sidecar("upstreams: {orders: {balance: ewma, endpoints: [" + fleet.list + "]}}");
  Traffic traffic(world, sidecar, {.host = "orders"});
  traffic.start(200, 10s);
  EXPECT_TRUE(traffic.finish());
  EXPECT_LT(fleet.ups[1]->hits(), 100U) << "a quarter of them would be 500";
}

TEST(EwmaBalance, WhatWasLearnedOutlivesAReload) {
  World world;
  const Fleet fleet(world, 3);
  fleet.ups[1]->replies(200).after(500ms);
  const std::string config = "upstreams: {orders: {balance: ewma, endpoints: [" + fleet.list + "]}}";
  auto& sidecar = world.sidecar(config);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  const size_t before = fleet.ups[1]->hits();
  EXPECT_EQ(before, 1U);
  ASSERT_EQ(sidecar.reload(config + "\nlog: {access: none}"), "");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(sidecar.get("orders", "/").status, 200);
  EXPECT_EQ(fleet.ups[1]->hits(), before);
}

}  // namespace
}  // namespace outrigger::sim
