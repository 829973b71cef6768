// Which requests leave their trace at the bucket of their time.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

constexpr const char* kConfig = "upstreams: {orders: {endpoints: ['${orders}']}}";
constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

size_t exemplars(Sidecar& sidecar) {
  size_t count = 0;
  for (uint32_t i = 0; i < sidecar.requestSeries(); ++i) {
    const auto& cells = sidecar.metrics().requests[i].exemplars;
    for (size_t bucket = 0; bucket <= metrics::Bounds::standard().size(); ++bucket) count += cells.read(bucket) ? 1 : 0;
  }
  return count;
}

std::string traceparent(const char* flags) {
  return std::string("00-") + kTrace + "-00f067aa0ba902b7-" + flags;
}

TEST(Exemplar, OnlyATraceThatItsCallerRecords) {
  World world;
  world.upstream("orders");
  Sidecar& sidecar = world.sidecar(kConfig);
  sidecar.get("orders", "/");
  sidecar.get("orders", "/", {{"traceparent", traceparent("00")}});
  sidecar.get("orders", "/", {{"traceparent", "00-nonsense-01"}});
  EXPECT_EQ(exemplars(sidecar), 0U);
  sidecar.get("orders", "/", {{"traceparent", traceparent("01")}});
  EXPECT_EQ(exemplars(sidecar), 1U);
}

TEST(Exemplar, OrThatWeRecord) {
  World world;
  world.upstream("orders");
  Sidecar& sidecar =
      world.sidecar(std::string("tracing: {collector: \"http://collector:4318\", sample: 100}\n") + kConfig);
  sidecar.get("orders", "/");
  EXPECT_EQ(exemplars(sidecar), 1U);
}

}  // namespace
}  // namespace outrigger::sim
