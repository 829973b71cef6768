#include "control/admin/endpoint_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace outrigger::control::admin {
namespace {

TEST(EndpointOrder, IsReadFromThePath) {
  const auto order = readEndpointOrder("/api/endpoints/orders/127.0.0.1%3A80/eject", R"({"for_ms": 60000})");
  ASSERT_TRUE(order) << order.error();
  EXPECT_EQ(order->upstream, "orders");
  EXPECT_EQ(order->address, Address::loopback(80));
  EXPECT_TRUE(order->eject);
  EXPECT_EQ(order->time, 1min);
  const auto back = readEndpointOrder("/api/endpoints/a%2Fb/unix%3A%2Frun%2Fx.sock/restore", "");
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->upstream, "a/b");
  EXPECT_EQ(back->address, Address::unixPath("/run/x.sock"));
  EXPECT_FALSE(back->eject);
}

TEST(EndpointOrder, WithoutATimeItIsTheUsualOne) {
  for (const char* body : {"", "null", "{}"}) {
    EXPECT_EQ(readEndpointOrder("/api/endpoints/a/1.2.3.4:5/eject", body)->time, EndpointOrder::kUsualTime) << body;
  }
}

TEST(EndpointOrder, WhatIsNone) {
  for (const char* path : {"a", "a/1.2.3.4:5", "a/1.2.3.4:5/kill", "a/1.2.3.4:5/eject/", "a/1.2.3.4/eject",
                           "a/%zz/eject", "//eject", "a/b/c/eject"}) {
    EXPECT_FALSE(readEndpointOrder("/api/endpoints/" + std::string(path), "")) << path;
  }
  for (const char* body : {"x", "1", R"({"for_ms": 0})", R"({"for_ms": -1})", R"({"for_ms": 86400001})",
                           R"({"for_ms": "1"})", R"({"for": 1})"}) {
    EXPECT_FALSE(readEndpointOrder("/api/endpoints/a/1.2.3.4:5/eject", body)) << body;
  }
}

TEST(EndpointOrder, AnAddressThatIsNoneIsQuotedInASentence) {
  EXPECT_EQ(readEndpointOrder("/api/endpoints/a/bogus/eject", "").error(),
            "'bogus' is no address of an endpoint (the port is missing): it looks like 10.0.0.7:8080");
}

TEST(EndpointOrder, WhoIsNotThereIsToldWithThoseThatAre) {
  config::Model model;
  model.upstreams.resize(2);
  model.upstreams[0].name = "catalog";
  model.upstreams[1].name = "orders";
  EndpointOrder order{.upstream = "order", .address = Address::parse("10.0.0.7:8080").value()};
  EXPECT_EQ(noSuchEndpoint(model, order), "the config has no upstream 'order': it has catalog, orders");
  order.upstream = "orders";
  EXPECT_THAT(noSuchEndpoint(model, order), ::testing::StartsWith("upstream 'orders' has no endpoint 10.0.0.7:8080: "));
  order.upstream = "app";
  EXPECT_THAT(noSuchEndpoint(model, order), ::testing::StartsWith("upstream 'app' has no endpoint"));
}

}  // namespace
}  // namespace outrigger::control::admin
