// Health checks by the gRPC health protocol, against a server that speaks HTTP/2 by hand.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

namespace h2 = testing::h2;
using upstream::EndpointState;

const std::string kServing("\0\0\0\0\2\x08\x01", 7);
const std::string kNotServing("\0\0\0\0\2\x08\x02", 7);

std::string config(const std::string& health = "") {
  return "upstreams: {orders: {endpoints: ['${orders}'], protocol: http2, health: {kind: grpc, interval: 1s, timeout: "
         "200ms, unhealthy: 3, healthy: 2" +
         health + "}}}";
}

// A message, and the status in the trailers.
H2Peer::Answer answering(const std::string& message, const std::string& status = "0") {
  return [message, status](H2Peer::Request& request) {
    H2Peer::send(request,
                 h2::headers(request.stream, {{":status", "200"}, {"content-type", "application/grpc"}}, false) +
                     h2::data(request.stream, message, false) + h2::headers(request.stream, {{"grpc-status", status}}));
  };
}

// A head that is all.
H2Peer::Answer trailersOnly(const std::string& status, const std::string& httpStatus = "200") {
  return [=](H2Peer::Request& request) {
    H2Peer::send(request,
                 h2::headers(request.stream,
                             {{":status", httpStatus}, {"content-type", "application/grpc"}, {"grpc-status", status}}));
  };
}

int64_t unhealthy(Sidecar& sidecar) {
  return sidecar.series("orders").endpoints[static_cast<size_t>(EndpointState::Unhealthy)].value();
}

std::string lastReadiness(Sidecar& sidecar) {
  std::string text;
  for (const server::Decision& decision : sidecar.decisions()) text = decision.text;
  return text;
}

TEST(GrpcHealth, AsksAsTheProtocolSays) {
  World world;
  auto& orders = world.h2Peer("orders").answers(answering(kServing));
  auto& sidecar = world.sidecar(config(", service: shop.Orders, host: health.shop"));
  world.run(10s);
  ASSERT_GE(orders.hits(), 5U);
  const H2Peer::Request& first = *orders.requests()[0];
  EXPECT_EQ(first.header(":method"), "POST");
  EXPECT_EQ(first.header(":path"), "/grpc.health.v1.Health/Check");
  EXPECT_EQ(first.header(":authority"), "health.shop");
  EXPECT_EQ(first.header("content-type"), "application/grpc");
  EXPECT_EQ(first.header("te"), "trailers");
  EXPECT_EQ(first.body, std::string("\0\0\0\0\x0d\x0a\x0bshop.Orders", 18));
  EXPECT_EQ(unhealthy(sidecar), 0);
  EXPECT_LE(orders.connectionsOpen(), 1U) << "each check has a connection of its own, and ends it";
}

TEST(GrpcHealth, TheServerAsAWhole) {
  World world;
  auto& orders = world.h2Peer("orders").answers(answering(kServing));
  world.sidecar(config());
  world.run(3s);
  ASSERT_GE(orders.hits(), 1U);
  EXPECT_EQ(orders.requests()[0]->body, std::string("\0\0\0\0\0", 5));
  EXPECT_EQ(orders.requests()[0]->header(":authority"), "orders");
}

TEST(GrpcHealth, WhatIsNotServingGoesAndComesBack) {
  World world;
  auto& orders = world.h2Peer("orders").answers(answering(kNotServing));
  auto& sidecar = world.sidecar(config());
  world.run(8s);
  EXPECT_EQ(unhealthy(sidecar), 1);
  orders.answers(answering(kServing));
  world.run(8s);
  EXPECT_EQ(unhealthy(sidecar), 0);
}

struct Bad {
  const char* name;
  H2Peer::Answer answer;
  const char* why;
};

TEST(GrpcHealth, NothingElsePasses) {
  const Bad table[] = {
      {"not serving", answering(kNotServing), "NOT_SERVING"},
      {"an unknown service", trailersOnly("5"), "grpc-status NOT_FOUND"},
      {"no health service", trailersOnly("12"), "grpc-status UNIMPLEMENTED"},
      {"good words and a bad end", answering(kServing, "14"), "grpc-status UNAVAILABLE"},
      {"a good end without a word", trailersOnly("0"), "no HealthCheckResponse"},
      {"half a message", answering(kServing.substr(0, 6)), "no HealthCheckResponse"},
      {"more than a message", answering(kServing + kServing), "no HealthCheckResponse"},
      {"a flood", answering(std::string(5000, 'x')), "the answer is too long"},
      {"an error of HTTP", trailersOnly("0", "503"), "status 503"},
      {"no trailers",
       [](H2Peer::Request& request) {
         H2Peer::send(request, H2Peer::reply(request.stream, 200, kServing, {{"content-type", "application/grpc"}}));
       },
       "grpc-status UNKNOWN"},
      {"a reset", [](H2Peer::Request& request) { H2Peer::send(request, h2::reset(request.stream)); },
       "the upstream reset the stream"},
      {"silence", [](H2Peer::Request&) {}, "no answer within the timeout"},
      {"a closed door", [](H2Peer::Request& request) { H2Peer::end(request, Transport::CloseMode::Normal); },
       "closed without an answer"},
  };
  for (const Bad& bad : table) {
    World world;
    world.h2Peer("orders").answers(bad.answer);
    auto& sidecar = world.sidecar(config());
    world.run(8s);
    EXPECT_EQ(unhealthy(sidecar), 1) << bad.name;
    EXPECT_NE(lastReadiness(sidecar).find(bad.why), std::string::npos) << bad.name << ": " << lastReadiness(sidecar);
  }
}

TEST(GrpcHealth, AServerThatSpeaksHttp1Fails) {
  World world;
  world.h2Peer("orders").saysOnly("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n", true);
  auto& sidecar = world.sidecar(config());
  world.run(8s);
  EXPECT_EQ(unhealthy(sidecar), 1);
  EXPECT_NE(lastReadiness(sidecar).find("the upstream speaks HTTP/1"), std::string::npos) << lastReadiness(sidecar);
}

}  // namespace
}  // namespace outrigger::sim
