// gRPC calls: how they are answered, judged, timed and counted. HTTP/1 carries them here as well as HTTP/2 would:
// heads, messages, trailers.
#include <gtest/gtest.h>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

using http::GrpcStatus;
using State = policy::Breaker::State;

const std::string kMessage("\0\0\0\0\2hi", 7);
const std::string kHead = "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n";
constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}";

std::string chunk(const std::string& octets) {
  std::string line(8, '\0');
  line.resize(static_cast<size_t>(std::snprintf(line.data(), line.size(), "%zx", octets.size())));
  return line + "\r\n" + octets + "\r\n";
}

std::string trailers(int status, const std::string& more = "") {
  return "0\r\ngrpc-status: " + std::to_string(status) + "\r\n" + more + "\r\n";
}

// Head, one message, and the status in trailers.
std::string answer(int status) {
  return kHead + chunk(kMessage) + trailers(status);
}

test::Headers trailersOnly(int status, test::Headers more = {}) {
  more.emplace_back("content-type", "application/grpc");
  more.emplace_back("grpc-status", std::to_string(status));
  return more;
}

test::Headers callHeaders(test::Headers more) {
  more.emplace_back("content-type", "application/grpc");
  return more;
}

test::SeenResponse call(Sidecar& sidecar, test::Headers more = {}) {
  return sidecar.post("orders", "/shop.Orders/Get", kMessage, callHeaders(std::move(more)));
}

std::string trailerOf(const test::SeenResponse& response, const std::string& name) {
  for (const auto& [each, value] : response.trailers) {
    if (each == name) return value;
  }
  return "";
}

uint64_t ended(Sidecar& sidecar, GrpcStatus status) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < sidecar.requestSeries(); ++i) {
    sum += sidecar.metrics().requests[i].grpc.value(static_cast<size_t>(status));
  }
  return sum;
}

State breakerOf(Sidecar& sidecar) {
  return static_cast<State>(sidecar.series("orders").breakerState.value());
}

uint64_t attempts(Sidecar& sidecar, policy::AttemptResult result) {
  return sidecar.series("orders").attempts[static_cast<size_t>(result)].value();
}

uint64_t refused(Sidecar& sidecar, policy::RetryRefusal why) {
  return sidecar.series("orders").retriesRefused[static_cast<size_t>(why)].value();
}

// ---- What a caller gets

TEST(Grpc, AnAnswerPassesWithItsTrailers) {
  World world;
  world.upstream("orders").sends(answer(5));
  auto& sidecar = world.sidecar(kOrders);
  const auto got = call(sidecar);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, kMessage);
  EXPECT_EQ(trailerOf(got, "grpc-status"), "5");
  EXPECT_EQ(ended(sidecar, GrpcStatus::NotFound), 1U);
}

TEST(Grpc, OurOwnAnswersAreTrailersOnly) {
  World world;
  world.upstream("orders").down();
  auto& sidecar = world.sidecar(kOrders);
  const auto unknown = sidecar.post("nobody", "/a.B/C", kMessage, callHeaders({}));
  EXPECT_EQ(unknown.status, 200);
  EXPECT_EQ(unknown.header("content-type"), "application/grpc");
  EXPECT_EQ(unknown.header("grpc-status"), "12");
  EXPECT_EQ(unknown.header("grpc-message"), "outrigger: no-route: no route matches this request");
  EXPECT_EQ(unknown.reason(), "no-route");
  EXPECT_EQ(unknown.body, "");
  EXPECT_EQ(ended(sidecar, GrpcStatus::Unimplemented), 1U);

  const auto unreachable = call(sidecar);
  EXPECT_EQ(unreachable.header("grpc-status"), "14");
  EXPECT_EQ(unreachable.reason(), "connect-failed");
  EXPECT_EQ(ended(sidecar, GrpcStatus::Unavailable), 1U);

  const auto plain = sidecar.post("nobody", "/a.B/C", "{}");
  EXPECT_EQ(plain.status, 404) << "to others as ever";
}

TEST(Grpc, WhatARouteSaysStaysAsItIs) {
  World world;
  auto& sidecar = world.sidecar("routes: [{match: {host: orders}, respond: {status: 503, body: closed}}]");
  const auto got = call(sidecar);
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.body, "closed");
  EXPECT_EQ(ended(sidecar, GrpcStatus::Unavailable), 1U) << "as its caller understands it";
}

TEST(Grpc, AnAnswerThatBreaksOffBetweenMessagesEndsWithTrailers) {
  World world;
  world.upstream("orders").sends(kHead + chunk(kMessage)).andResets();
  auto& sidecar = world.sidecar(kOrders);
  const auto got = call(sidecar);
  EXPECT_TRUE(got.complete);
  EXPECT_EQ(got.body, kMessage);
  EXPECT_EQ(trailerOf(got, "grpc-status"), "14");
  EXPECT_EQ(trailerOf(got, "grpc-message"), "outrigger: upstream-reset: connection reset by the peer");
  EXPECT_EQ(ended(sidecar, GrpcStatus::Unavailable), 1U);
  EXPECT_EQ(attempts(sidecar, policy::AttemptResult::Reset), 1U) << "a lost stream is a reset";
}

TEST(Grpc, AnAnswerThatBreaksOffInAMessageIsCut) {
  World world;
  world.upstream("orders").sends(kHead + chunk(kMessage.substr(0, 6))).andResets();
  auto& sidecar = world.sidecar(kOrders);
  EXPECT_FALSE(call(sidecar).complete);
}

TEST(Grpc, WhatIsNoCallIsCutAsEver) {
  World world;
  world.upstream("orders").sends(kHead + chunk(kMessage)).andResets();
  auto& sidecar = world.sidecar(kOrders);
  EXPECT_FALSE(sidecar.post("orders", "/", "x").complete);
}

TEST(Grpc, TheRecordHasItsStatus) {
  World world;
  world.upstream("orders").sends(answer(14));
  auto& sidecar = world.sidecar(std::string("log: {access: errors}\n") + kOrders);
  call(sidecar);
  ASSERT_EQ(sidecar.accessLines().size(), 1U) << "UNAVAILABLE is an error, whatever the HTTP status";
  EXPECT_NE(sidecar.accessLines()[0].find("\"status\":200,\"grpc_status\":\"UNAVAILABLE\",\"reason\":\"ok\""),
            std::string::npos)
      << sidecar.accessLines()[0];
}

// ---- Verdicts

TEST(Grpc, UnavailableInTrailersOpensTheBreaker) {
  for (const int status : {14, 4}) {
    World world;
    auto& orders = world.upstream("orders").sends(answer(status));
    auto& sidecar = world.sidecar(kOrders);
    for (int i = 0; i < 5; ++i) call(sidecar);
    EXPECT_EQ(breakerOf(sidecar), State::Open) << status;
    EXPECT_EQ(orders.hits(), 5U);
    EXPECT_EQ(attempts(sidecar, policy::AttemptResult::Status), 5U);
    EXPECT_EQ(call(sidecar).header("grpc-status"), "14");
    EXPECT_EQ(sidecar.series("orders").ejections[0].value(), 0U) << "never the last one";
  }
}

TEST(Grpc, UnavailableInTheHeadOpensIt) {
  World world;
  world.upstream("orders").replies(200, "", trailersOnly(14));
  auto& sidecar = world.sidecar(kOrders);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(sidecar).header("grpc-status"), "14");
  EXPECT_EQ(breakerOf(sidecar), State::Open);
}

TEST(Grpc, TheApplicationsOwnStatusesDoNot) {
  for (const int status : {0, 1, 2, 3, 5, 8, 12, 13, 16}) {
    World world;
    world.upstream("orders").sends(answer(status));
    auto& sidecar = world.sidecar(kOrders);
    for (int i = 0; i < 30; ++i) call(sidecar);
    EXPECT_EQ(breakerOf(sidecar), State::Closed) << status;
    EXPECT_EQ(attempts(sidecar, policy::AttemptResult::Ok), 30U);
  }
}

TEST(Grpc, SettingsThatNameAStatusMeanItsCounterpart) {
  World world;
  world.upstream("orders").sends(answer(13));
  auto& sidecar = world.sidecar(std::string("policies: {default: {failures: [500]}}\n") + kOrders);
  for (int i = 0; i < 5; ++i) call(sidecar);
  EXPECT_EQ(breakerOf(sidecar), State::Open) << "INTERNAL as 500";
}

TEST(Grpc, OneEndpointThatIsUnavailableIsEjected) {
  World world;
  world.upstream("a").sends(answer(14));
  world.upstream("b").sends(answer(0));
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${a}', '${b}'], balance: round-robin}}");
  for (int i = 0; i < 40; ++i) call(sidecar);
  EXPECT_GE(sidecar.series("orders").ejections[0].value() + sidecar.series("orders").ejections[1].value(), 1U);
}

TEST(Grpc, AnEndpointIsAsSlowAsItsHead) {
  World world;
  world.upstream("orders").sends(kHead + chunk(kMessage)).after(20ms);
  auto& sidecar = world.sidecar(std::string("log: {access: all}\n") + kOrders);
  Client& client = sidecar.connect();
  client.ask("POST", "orders", "/", callHeaders({}), kMessage);
  world.run(5s);
  EXPECT_EQ(attempts(sidecar, policy::AttemptResult::Ok), 1U) << "it has streamed for a while";
  sidecar.worker().forEachCluster([](const upstream::Cluster& cluster) { EXPECT_LT(cluster.median(), 40ms); });
}

// Streams of an hour neither hold a probe's place nor keep the breaker from closing.
TEST(Grpc, ProbesThatStreamOnCloseTheBreaker) {
  World world;
  auto& orders = world.upstream("orders").sends(answer(14));
  auto& sidecar = world.sidecar(kOrders);
  for (int i = 0; i < 5; ++i) call(sidecar);
  ASSERT_EQ(breakerOf(sidecar), State::Open);
  orders.sends(kHead + chunk(kMessage));
  for (int i = 0; i < 40 && breakerOf(sidecar) != State::Closed; ++i) {
    world.run(600ms);
    sidecar.connect().ask("POST", "orders", "/", callHeaders({}), kMessage);
  }
  EXPECT_EQ(breakerOf(sidecar), State::Closed);
}

// A restart ends many streams at once; that says nothing of the calls that begin now.
TEST(Grpc, StreamsThatBreakAfterAWhileAreNoFailures) {
  World world;
  auto& orders = world.upstream("orders").sends(kHead + chunk(kMessage));
  auto& sidecar = world.sidecar(kOrders);
  for (int i = 0; i < 30; ++i) sidecar.connect().ask("POST", "orders", "/", callHeaders({}), kMessage);
  world.run(10s);
  orders.push(trailers(14));
  world.run(1s);
  EXPECT_EQ(ended(sidecar, GrpcStatus::Unavailable), 30U);
  EXPECT_EQ(breakerOf(sidecar), State::Closed);
  EXPECT_EQ(attempts(sidecar, policy::AttemptResult::Ok), 30U);
}

TEST(Grpc, ACallerWhoLeavesInTheStreamSaysNothing) {
  World world;
  world.upstream("orders").sends(kHead + chunk(kMessage));
  auto& sidecar = world.sidecar(kOrders);
  for (int i = 0; i < 30; ++i) {
    Client& client = sidecar.connect();
    client.ask("POST", "orders", "/", callHeaders({}), kMessage);
    world.run(100ms);
    client.reset();
    world.run(10ms);
  }
  EXPECT_EQ(attempts(sidecar, policy::AttemptResult::Cancelled), 30U);
  EXPECT_EQ(ended(sidecar, GrpcStatus::Cancelled), 30U);
  EXPECT_EQ(breakerOf(sidecar), State::Closed);
}

// ---- Another try

TEST(Grpc, UnavailableIsTriedAgainOnlyWhereTheTableSaysSo) {
  World world;
  auto& orders = world.upstream("orders").replies(200, "", trailersOnly(14));
  auto& sidecar = world.sidecar(kOrders);
  EXPECT_EQ(call(sidecar).header("grpc-status"), "14");
  EXPECT_EQ(orders.hits(), 1U) << "calls are POST";
  EXPECT_EQ(refused(sidecar, policy::RetryRefusal::Method), 1U);
}

constexpr const char* kRepeatable =
    "policies: {default: {retry: {methods: [POST]}, breaker: none}}\nupstreams: {orders: {endpoints: ['${orders}']}}";

TEST(Grpc, WhereItIsAllowedUnavailableIsTriedAgain) {
  World world;
  auto& orders = world.upstream("orders").replies(200, "", trailersOnly(14)).thenSends(answer(0));
  auto& sidecar = world.sidecar(kRepeatable);
  const auto got = call(sidecar);
  EXPECT_EQ(trailerOf(got, "grpc-status"), "0");
  EXPECT_EQ(got.header("outrigger-attempts"), "2");
  EXPECT_EQ(orders.hits(), 2U);
  EXPECT_EQ(ended(sidecar, GrpcStatus::Ok), 1U);
  EXPECT_EQ(ended(sidecar, GrpcStatus::Unavailable), 0U);
}

TEST(Grpc, BehindAHeadThereIsNoOther) {
  World world;
  auto& orders = world.upstream("orders").sends(kHead + trailers(14)).thenSends(answer(0));
  auto& sidecar = world.sidecar(kRepeatable);
  EXPECT_EQ(trailerOf(call(sidecar), "grpc-status"), "14");
  EXPECT_EQ(orders.hits(), 1U);
}

TEST(Grpc, PushbackSaysWhen) {
  World world;
  world.upstream("orders").replies(200, "", trailersOnly(14, {{"grpc-retry-pushback-ms", "700"}})).thenSends(answer(0));
  auto& sidecar = world.sidecar(kRepeatable);
  const Instant before = world.loop().now();
  EXPECT_EQ(trailerOf(call(sidecar), "grpc-status"), "0");
  EXPECT_NEAR(seconds(world.loop().now() - before), 0.7, 0.02) << "not our backoff of 25 ms";
}

TEST(Grpc, PushbackSaysNever) {
  for (const char* never : {"-1", "soon"}) {
    World world;
    auto& orders = world.upstream("orders").replies(200, "", trailersOnly(14, {{"grpc-retry-pushback-ms", never}}));
    auto& sidecar = world.sidecar(kRepeatable);
    EXPECT_EQ(call(sidecar).header("grpc-status"), "14");
    EXPECT_EQ(orders.hits(), 1U) << never;
    EXPECT_EQ(refused(sidecar, policy::RetryRefusal::Pushback), 1U);
  }
}

TEST(Grpc, PushbackBeyondTheDeadlineIsNever) {
  World world;
  auto& orders = world.upstream("orders").replies(200, "", trailersOnly(14, {{"grpc-retry-pushback-ms", "5000"}}));
  auto& sidecar = world.sidecar(kRepeatable);
  EXPECT_EQ(call(sidecar, {{"grpc-timeout", "1S"}}).header("grpc-status"), "14");
  EXPECT_EQ(orders.hits(), 1U);
}

// ---- Between sidecars

std::string pair(const std::string& more) {
  return "upstreams: {orders: {endpoints: ['${a}', '${b}'], balance: round-robin" + more + "}}";
}

TEST(Grpc, ARefusalThatABelievedSidecarMarksIsTriedElsewhere) {
  for (const int status : {14, 8}) {
    World world;
    const auto marked = trailersOnly(status, {{"outrigger-not-forwarded", "1"}, {"outrigger-reason", "limit-pending"}});
    auto& a = world.upstream("a").replies(200, "", marked);
    auto& b = world.upstream("b").sends(answer(0));
    auto& sidecar = world.sidecar(pair(", sidecar: true"));
    for (int i = 0; i < 6; ++i) EXPECT_EQ(trailerOf(call(sidecar), "grpc-status"), "0") << status;
    EXPECT_GE(a.hits(), 2U);
    EXPECT_EQ(b.hits(), 6U);
    EXPECT_EQ(breakerOf(sidecar), State::Closed);
    EXPECT_EQ(sidecar.series("orders").ejections[0].value(), 0U) << "it says nothing of the service";
  }
}

TEST(Grpc, TheInboundSideMarksItsRefusals) {
  World world;
  world.upstream("app").hangs();
  auto& sidecar = world.sidecar(
      "app: {address: '${app}', policy: tight}\n"
      "policies: {tight: {extends: inbound, limits: {requests: 1, pending: 0}}}");
  sidecar.connect(Direction::Inbound).ask("GET", "me");
  world.run(10ms);
  const auto got = sidecar.request("POST", "me", "/", callHeaders({}), kMessage, Direction::Inbound);
  EXPECT_EQ(got.header("grpc-status"), "8");
  EXPECT_EQ(got.header("outrigger-not-forwarded"), "1");
}

TEST(Grpc, TheCallersDeadlineBelowIsNoFailure) {
  World world;
  const auto late = trailersOnly(4, {{"outrigger-reason", "deadline-exceeded"}, {"outrigger-no-retry", "1"}});
  world.upstream("orders").replies(200, "", late);
  auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}'], sidecar: true}}");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(call(sidecar, {{"grpc-timeout", "200m"}}).header("grpc-status"), "4");
  EXPECT_EQ(breakerOf(sidecar), State::Closed);
}

// Servers watch grpc-timeout as well, and it is rounded down on its way.
TEST(Grpc, AServerThatIsAMomentAheadOfTheDeadlineIsNoFailure) {
  for (const auto& [took, state] : {std::pair(195ms, State::Closed), std::pair(50ms, State::Open)}) {
    World world;
    world.upstream("orders").replies(200, "", trailersOnly(4)).after(took);
    auto& sidecar = world.sidecar(kOrders);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(call(sidecar, {{"grpc-timeout", "200m"}}).header("grpc-status"), "4");
    EXPECT_EQ(breakerOf(sidecar), state) << took.count();
  }
}

// ---- Time

TEST(Grpc, TheRequestTimeoutIsNotForCalls) {
  World world;
  auto& orders = world.upstream("orders").sends(answer(0)).after(60s);
  auto& sidecar = world.sidecar(std::string("policies: {default: {timeout: {request: 1s}}}\n") + kOrders);
  const auto got = call(sidecar);
  EXPECT_EQ(trailerOf(got, "grpc-status"), "0");
  EXPECT_EQ(orders.requests()[0].header("outrigger-timeout-ms"), "");
  EXPECT_EQ(orders.requests()[0].header("grpc-timeout"), "") << "never added";
}

TEST(Grpc, UnlessTheRouteSaysSo) {
  World world;
  world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(
      "upstreams: {orders: {endpoints: ['${orders}']}}\n"
      "routes: [{match: {host: orders}, to: orders, override: {timeout: {request: 2s}}}]");
  const Instant before = world.loop().now();
  const auto got = call(sidecar);
  EXPECT_EQ(got.header("grpc-status"), "4");
  EXPECT_EQ(got.reason(), "request-timeout");
  EXPECT_NEAR(seconds(world.loop().now() - before), 2, 0.05);
}

TEST(Grpc, AnotherOverrideDoesNotSaySo) {
  World world;
  world.upstream("orders").sends(answer(0)).after(60s);
  auto& sidecar = world.sidecar(
      "upstreams: {orders: {endpoints: ['${orders}']}}\n"
      "routes: [{match: {host: orders}, to: orders, override: {timeout: {connect: 2s}}}]");
  EXPECT_EQ(trailerOf(call(sidecar), "grpc-status"), "0");
}

TEST(Grpc, ItsTimeoutIsShortenedAndHolds) {
  World world;
  auto& orders = world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(kOrders);
  const Instant before = world.loop().now();
  const auto got = call(sidecar, {{"grpc-timeout", "2S"}});
  EXPECT_EQ(got.header("grpc-status"), "4");
  EXPECT_EQ(got.reason(), "deadline-exceeded");
  EXPECT_NEAR(seconds(world.loop().now() - before), 2, 0.01);
  ASSERT_EQ(orders.begun().size(), 1U);
  const std::string sent = orders.begun()[0].header("grpc-timeout");
  ASSERT_EQ(sent.back(), 'm') << sent;
  EXPECT_LE(std::stoi(sent), 2000);
  EXPECT_GE(std::stoi(sent), 1990);
  EXPECT_EQ(breakerOf(sidecar), State::Closed);
}

TEST(Grpc, TheDeadlineOfASidecarHoldsAsWell) {
  World world;
  world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(kOrders);
  const Instant before = world.loop().now();
  EXPECT_EQ(call(sidecar, {{"outrigger-timeout-ms", "300"}}).reason(), "deadline-exceeded");
  EXPECT_NEAR(seconds(world.loop().now() - before), 0.3, 0.01);
}

TEST(Grpc, ItsTimeoutIsForTheWholeStream) {
  World world;
  world.upstream("orders").sends(kHead + chunk(kMessage));
  auto& sidecar = world.sidecar(kOrders);
  const Instant before = world.loop().now();
  const auto got = call(sidecar, {{"grpc-timeout", "3S"}});
  EXPECT_NEAR(seconds(world.loop().now() - before), 3, 0.01);
  EXPECT_EQ(got.body, kMessage);
  EXPECT_EQ(trailerOf(got, "grpc-status"), "4");
  EXPECT_EQ(ended(sidecar, GrpcStatus::DeadlineExceeded), 1U);
}

TEST(Grpc, ADeadlineOfHttpEndsWithTheHead) {
  World world;
  auto& orders = world.upstream("orders").sends(kHead + chunk(kMessage));
  auto& sidecar = world.sidecar(kOrders);
  Client& client = sidecar.connect();
  client.ask("POST", "orders", "/", callHeaders({{"outrigger-timeout-ms", "500"}}), kMessage);
  world.run(60s);
  EXPECT_EQ(client.complete(), 0U);
  orders.push(trailers(0));
  world.run(1s);
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_EQ(trailerOf(client.responses()[0], "grpc-status"), "0");
}

TEST(Grpc, WithoutADeadlineSilenceBeforeTheHeadIsBounded) {
  World world;
  world.upstream("orders").hangs();
  auto& sidecar = world.sidecar(std::string("policies: {default: {timeout: {idle: 40s}}}\n") + kOrders);
  const Instant before = world.loop().now();
  const auto got = call(sidecar);
  EXPECT_EQ(got.reason(), "idle-timeout");
  EXPECT_EQ(got.header("grpc-status"), "14");
  EXPECT_NEAR(seconds(world.loop().now() - before), 40, 0.1);
}

TEST(Grpc, AStreamThatFallsSilentEndsWithTrailers) {
  World world;
  world.upstream("orders").sends(kHead + chunk(kMessage));
  auto& sidecar = world.sidecar(std::string("policies: {default: {timeout: {idle: 40s}}}\n") + kOrders);
  const auto got = call(sidecar);
  EXPECT_TRUE(got.complete);
  EXPECT_EQ(trailerOf(got, "grpc-status"), "14");
}

TEST(Grpc, ACallerWhoDoesNotReadIsCut) {
  World world;
  std::string much;
  for (int i = 0; i < 400; ++i) much += chunk(std::string("\0\0\0\x10\0", 5) + std::string(4096, 'x'));
  world.upstream("orders").sends(kHead + much);
  auto& sidecar = world.sidecar(std::string("policies: {default: {timeout: {idle: 40s}}}\n") + kOrders);
  Client& client = sidecar.connect();
  client.stall();
  client.ask("POST", "orders", "/", callHeaders({}), kMessage);
  world.run(60s);
  client.goOn();
  world.run(1s);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(client.complete(), 0U);
  EXPECT_EQ(ended(sidecar, GrpcStatus::Cancelled), 1U);
}

// Client streaming: neither `body` nor `idle` ends what goes on.
TEST(Grpc, BytesOfEitherDirectionKeepACallAlive) {
  World world;
  auto& orders = world.upstream("orders").early().sends(kHead + chunk(kMessage));
  auto& sidecar = world.sidecar(std::string("policies: {default: {timeout: {idle: 40s, body: 5s}}}\n") + kOrders);
  Client& client = sidecar.connect();
  client.request("POST",
                 "POST / HTTP/1.1\r\nhost: orders\r\ncontent-type: application/grpc\r\n"
                 "transfer-encoding: chunked\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    world.run(30s);
    client.send(chunk(kMessage));
  }
  EXPECT_EQ(client.complete(), 0U);
  EXPECT_FALSE(client.closed());
  for (int i = 0; i < 10; ++i) {
    world.run(30s);
    orders.push(chunk(kMessage));
  }
  client.send("0\r\n\r\n");
  world.run(1s);
  orders.push(trailers(0));
  world.run(1s);
  ASSERT_EQ(client.complete(), 1U);
  EXPECT_EQ(client.responses()[0].body.size(), 11 * kMessage.size());
  EXPECT_EQ(trailerOf(client.responses()[0], "grpc-status"), "0");
}

}  // namespace
}  // namespace outrigger::sim
