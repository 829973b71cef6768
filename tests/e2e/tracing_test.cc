// Spans through the real binary to a collector: what arrives, under which parents, and what a collector that is away
// costs.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Sidecar;
using real::World;

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kCaller = "00f067aa0ba902b7";
constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}\n";

std::string tracingTo(const std::string& collector) {
  return "tracing: {collector: 'http://${" + collector + "}', service: cart, sample: parent}\n" + kOrders;
}

class Tracing : public ::testing::Test {
 protected:
  void ask(const std::string& target = "/secret?q=secret") {
    const std::string parent = std::string("00-") + kTrace + "-" + kCaller + "-01";
    EXPECT_EQ(sidecar_->get("orders", target, {{"traceparent", parent}, {"x-secret", "secret"}}).status, 200);
  }
  /// All spans that a collector has got, once there are that many.
  std::vector<json> spansAt(real::Upstream& collector, size_t count) {
    std::vector<json> spans;
    const bool there = real::waitUntil([&] {
      spans.clear();
      for (const test::SeenRequest& request : collector.requests()) {
        const json all = json::parse(request.body);
        const json& of = all.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans");
        spans.insert(spans.end(), of.begin(), of.end());
      }
      return spans.size() >= count;
    });
    EXPECT_TRUE(there) << spans.size();
    return spans;
  }
  bool metricSays(const std::string& line) {
    return real::waitUntil(
        [&] { return sidecar_->page("/metrics", "telemetry").body.find(line + "\n") != std::string::npos; });
  }

  World world_;
  Sidecar* sidecar_ = nullptr;
};

TEST_F(Tracing, ARetriedRequestIsOneTrace) {
  auto& orders = world_.upstream("orders").replies(503).then(200);
  auto& collector = world_.upstream("collector").replies(200, "{}");
  sidecar_ = &world_.sidecar(tracingTo("collector"));
  ask();
  const auto spans = spansAt(collector, 3);
  ASSERT_EQ(spans.size(), 3U);
  const json& request = spans[0];
  EXPECT_EQ(request.at("parentSpanId"), kCaller);
  EXPECT_EQ(request.at("name"), "GET orders");
  for (size_t i = 1; i < 3; ++i) {
    EXPECT_EQ(spans[i].at("traceId"), kTrace);
    EXPECT_EQ(spans[i].at("parentSpanId"), request.at("spanId"));
    EXPECT_EQ(orders.requests()[i - 1].header("traceparent"),
              std::string("00-") + kTrace + "-" + spans[i].at("spanId").get<std::string>() + "-01")
        << "what the app records hangs under the attempt";
  }
  const test::SeenRequest exported = collector.requests().front();
  EXPECT_EQ(exported.method, "POST");
  EXPECT_EQ(exported.target, "/v1/traces");
  EXPECT_EQ(exported.header("content-type"), "application/json");
  EXPECT_NE(exported.body.find(R"({"key":"service.name","value":{"stringValue":"cart"}})"), std::string::npos);
  EXPECT_EQ(exported.body.find("secret"), std::string::npos) << "no octet of the request";
  EXPECT_TRUE(metricSays("outrigger_spans_total{result=\"exported\"} 3"));
}

TEST_F(Tracing, ACollectorThatIsAwayCostsNoRequest) {
  world_.upstream("orders");
  const auto nobody = real::Socket::bindAnywhere();
  const std::string address = nobody.localAddress().text();
  sidecar_ = &world_.sidecar("tracing: {collector: 'http://" + address + "', sample: parent}\n" + kOrders);
  for (int i = 0; i < 1500; ++i) ask("/x");
  EXPECT_TRUE(sidecar_->waitForEvents("spans-not-exported"));
  EXPECT_TRUE(real::waitUntil([&] {
    return sidecar_->page("/metrics", "telemetry").body.find("outrigger_spans_total{result=\"dropped\"}") !=
           std::string::npos;
  })) << "two spans each, and room for 2,048";
  EXPECT_EQ(sidecar_->events("spans-not-exported").size(), 1U) << "said once";
}

TEST_F(Tracing, AReloadLeadsToAnotherCollectorAndToNone) {
  world_.upstream("orders");
  auto& one = world_.upstream("one").replies(200, "{}");
  auto& two = world_.upstream("two").replies(200, "{}");
  sidecar_ = &world_.sidecar(kOrders);
  ask();
  size_t reloads = 0;
  const auto reload = [&](const std::string& yaml) {
    sidecar_->write(yaml);
    ASSERT_TRUE(sidecar_->waitForEvents("config-applied", ++reloads)) << sidecar_->process().err();
  };
  reload(tracingTo("one"));
  ask();
  EXPECT_EQ(spansAt(one, 2).size(), 2U) << "and nothing of the first request";
  reload(tracingTo("two"));
  ask();
  EXPECT_EQ(spansAt(two, 2).size(), 2U);
  reload(kOrders);
  ask();
  EXPECT_EQ(one.hits(), 1U);
  EXPECT_EQ(two.hits(), 1U);
}

TEST_F(Tracing, TheEndSendsTheLastSpans) {
  world_.upstream("orders");
  auto& collector = world_.upstream("collector").replies(200, "{}");
  sidecar_ = &world_.sidecar("shutdown: {lameDuck: 0ms, grace: 0ms}\n" + tracingTo("collector"));
  ask();
  sidecar_->process().signal(SIGTERM);
  EXPECT_EQ(sidecar_->process().wait(), 0);
  EXPECT_EQ(spansAt(collector, 2).size(), 2U);
}

TEST_F(Tracing, TheEndDoesNotWaitForACollectorThatHangs) {
  world_.upstream("orders");
  world_.upstream("collector").hangs();
  sidecar_ = &world_.sidecar("shutdown: {lameDuck: 0ms, grace: 0ms}\n" + tracingTo("collector"));
  ask();
  sidecar_->process().signal(SIGTERM);
  EXPECT_EQ(sidecar_->process().wait(), 0);
}

}  // namespace
}  // namespace outrigger::e2e
