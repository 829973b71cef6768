// What of a config reaches the snapshot.
#include "control/snapshot_builder.h"

#include <gtest/gtest.h>

#include "config/load.h"
#include "filters/registry.h"

namespace outrigger::control {
namespace {

struct Built {
  explicit Built(const std::string& yaml) {
    const auto loaded = config::load(
        "version: 1\n" + yaml, "f", [](Bytes) { return std::nullopt; }, filters::schemas());
    for (const config::Diagnostic& finding : loaded.diagnostics) ADD_FAILURE() << config::render(finding);
    if (loaded.model == nullptr) return;
    auto built = SnapshotBuilder(registry, 1).build(*loaded.model);
    if (built) snapshot = *built;
  }

  const upstream::ClusterSettings& cluster(const std::string& name) const {
    static const upstream::ClusterSettings kNone;
    for (const auto& cluster : snapshot->clusters) {
      if (cluster->name == name) return *cluster;
    }
    ADD_FAILURE() << "no cluster " << name;
    return kNone;
  }
  const exchange::Forward& forward(size_t route) const {
    return std::get<exchange::Forward>(snapshot->routes.at(route).action);
  }

  metrics::Shard shard{metrics::Bounds::standard()};
  telemetry::SeriesRegistry registry{{&shard}, 1000};
  std::shared_ptr<const exchange::Snapshot> snapshot = std::make_shared<const exchange::Snapshot>();
};

TEST(SnapshotBuilder, AnUpstreamBringsWhatItSays) {
  const Built built(R"(
upstreams:
  plain: {endpoints: ["10.0.0.1:8080"]}
  rich:
    endpoints: ["10.0.0.2:8080", {address: "10.0.0.3:8080", weight: 3}]
    balance: {hash: {header: X-User}}
    health: {path: /ready, interval: 2s}
    slowStart: 20s
    sidecar: {port: 15106}
)");
  const auto& plain = built.cluster("plain");
  EXPECT_EQ(plain.endpoints.at(0).dial, plain.endpoints.at(0).address);
  EXPECT_FALSE(plain.health || plain.slowStart || plain.sidecar || plain.holdsPlaces);
  const auto& rich = built.cluster("rich");
  ASSERT_EQ(rich.endpoints.size(), 2U);
  EXPECT_EQ(rich.endpoints[1].address.text(), "10.0.0.3:8080");
  EXPECT_EQ(rich.endpoints[1].dial.text(), "10.0.0.3:15106");
  EXPECT_EQ(rich.endpoints[1].weight, 3U);
  EXPECT_EQ(rich.balance.kind, policy::Balance::Hash);
  EXPECT_EQ(rich.balance.hash.name, "x-user");
  ASSERT_TRUE(rich.health);
  EXPECT_EQ(rich.health->path, "/ready");
  EXPECT_EQ(rich.health->interval, 2s);
  EXPECT_EQ(rich.slowStart, 20s);
  EXPECT_TRUE(rich.sidecar);
}

TEST(SnapshotBuilder, TheAppHoldsItsPlaces) {
  const Built built("app: {port: 8080}");
  EXPECT_TRUE(built.cluster("app").holdsPlaces);
  EXPECT_EQ(built.cluster("app").endpoints.at(0).dial.text(), "127.0.0.1:8080");
}

TEST(SnapshotBuilder, AMirrorHasAClusterOfItsOwn) {
  const Built built(R"(
app: {port: 8080}
policies: {default: {hedge: {percent: 2}, timeout: {request: 3s}}}
upstreams:
  orders: {endpoints: ["10.0.0.1:80"]}
  shadow: {endpoints: ["10.0.0.2:80"], sidecar: {port: 15106}, health: {kind: tcp}, slowStart: 10s, balance: ewma}
routes:
  - {match: {path: /a}, to: orders, mirror: {to: shadow, percent: 25}}
  - {match: {path: /b}, to: app, mirror: shadow}
  - {match: {path: /c}, to: orders, mirror: {to: shadow, percent: 0}}
)");
  ASSERT_EQ(built.snapshot->clusters.size(), 4U);  // two upstreams, the app, one mirror for both routes
  const auto& mirror = built.cluster("mirror:shadow");
  const auto& shadow = built.cluster("shadow");
  EXPECT_EQ(mirror.endpoints.at(0).dial.text(), "10.0.0.2:15106");
  EXPECT_EQ(mirror.policy.timeout.request, 3s);
  EXPECT_FALSE(mirror.policy.breaker || mirror.policy.eject || mirror.health || mirror.slowStart);
  EXPECT_EQ(mirror.policy.hedge.percent, 0);
  EXPECT_EQ(mirror.policy.retry.limit, 0U);
  EXPECT_EQ(mirror.policy.limits.requests, 100U);
  EXPECT_EQ(mirror.policy.limits.connections, 100U);
  EXPECT_EQ(mirror.policy.limits.pending, 0U);
  EXPECT_NE(mirror.requests, shadow.requests);
  EXPECT_NE(mirror.series, shadow.series);
  EXPECT_TRUE(shadow.policy.breaker && shadow.policy.eject && shadow.health);
  for (const size_t route : {0U, 1U}) {
    ASSERT_TRUE(built.forward(route).mirror);
    EXPECT_EQ(built.snapshot->clusters[built.forward(route).mirror->cluster]->name, "mirror:shadow");
    const auto& state = built.snapshot->routeStates[built.forward(route).mirror->state];
    EXPECT_EQ(state.route, built.snapshot->routes[route].name);
    EXPECT_EQ(state.cluster, built.forward(route).mirror->cluster);
  }
  EXPECT_DOUBLE_EQ(built.forward(0).mirror->share, 0.25);
  EXPECT_DOUBLE_EQ(built.forward(1).mirror->share, 1);
  EXPECT_FALSE(built.forward(2).mirror);
}

}  // namespace
}  // namespace outrigger::control
