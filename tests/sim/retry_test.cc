// Retries as a caller sees them: the real worker, scripted upstreams, virtual time.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

TEST(Retry, A503IsTriedAgain) {
  World world;
  auto& orders = world.upstream("orders").replies(503).then(200);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
  const auto response = sidecar.get("orders", "/x");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok");
  EXPECT_EQ(response.header("outrigger-attempts"), "2");
  EXPECT_EQ(orders.hits(), 2U);
  EXPECT_EQ(orders.requests()[1].header("outrigger-attempt"), "2");
}

}  // namespace
}  // namespace outrigger::sim
