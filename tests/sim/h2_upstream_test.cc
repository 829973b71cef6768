// Upstreams that speak HTTP/2: what becomes of requests, connections and streams. In virtual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

namespace f = testing::h2;

constexpr const char* kConfig = "upstreams: {shop: {endpoints: ['${shop}'], protocol: http2}}";
constexpr const char* kAuto = "upstreams: {shop: {endpoints: ['${shop}'], protocol: auto}}";

/// Nothing but retries.
constexpr const char* kCalm =
    "upstreams: {shop: {endpoints: ['${shop}'], protocol: http2, policy: calm}}\n"
    "policies: {calm: {breaker: none, eject: none, retry: {limit: 10, budget: {minPerSecond: 100, burst: 100}}}}";

std::string goAway(uint32_t last, uint32_t code = 0) {
  return f::frame(f::kGoAway, 0, 0, f::number(last) + f::number(code));
}

/// So many callers, each with a connection of its own, who ask at once.
std::vector<Client*> askAtOnce(Sidecar& sidecar, size_t count, const std::string& method = "GET") {
  std::vector<Client*> clients;
  for (size_t i = 0; i < count; ++i) {
    clients.push_back(&sidecar.connect());
    clients.back()->ask(method, "shop", "/" + std::to_string(i), {}, method == "POST" ? "body" : "");
  }
  return clients;
}

size_t answered(const std::vector<Client*>& clients, int status = 200) {
  return static_cast<size_t>(std::ranges::count_if(clients, [status](const Client* client) {
    return client->complete() > 0 && client->responses().front().status == status;
  }));
}

// ---- One request

TEST(H2Upstream, ARequestIsSaidInHttp2) {
  World world;
  auto& shop = world.h2Peer("shop");
  auto& sidecar = world.sidecar(kConfig);
  const auto response =
      sidecar.get("shop", "/x?a=b", {{"Accept", "text/plain"}, {"Connection", "x-own"}, {"X-Own", "1"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok");
  ASSERT_EQ(shop.hits(), 1U);
  const auto& request = *shop.requests().front();
  EXPECT_EQ(request.header(":method"), "GET");
  EXPECT_EQ(request.header(":scheme"), "http");
  EXPECT_EQ(request.header(":authority"), "shop");
  EXPECT_EQ(request.header(":path"), "/x?a=b");
  EXPECT_EQ(request.header("accept"), "text/plain");
  for (const char* absent : {"host", "connection", "x-own", "content-length", "te", "transfer-encoding"}) {
    EXPECT_EQ(request.header(absent), "") << absent;
  }
}

TEST(H2Upstream, BodiesOfEitherFramingArrive) {
  World world;
  auto& shop = world.h2Peer("shop");
  auto& sidecar = world.sidecar(kConfig);
  EXPECT_EQ(sidecar.post("shop", "/", "hello").status, 200);
  EXPECT_EQ(shop.requests()[0]->body, "hello");
  EXPECT_EQ(shop.requests()[0]->header("content-length"), "5");
  Client& client = sidecar.connect();
  client.request("POST",
                 "POST / HTTP/1.1\r\nhost: shop\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n"
                 "3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n");
  world.runUntil([&] { return client.complete() == 1; });
  EXPECT_EQ(shop.requests()[1]->body, "abc");
  EXPECT_EQ(shop.requests()[1]->header("content-length"), "");
  ASSERT_EQ(shop.requests()[1]->trailers.size(), 1U);
  EXPECT_EQ(shop.requests()[1]->trailers[0].first, "x-sum");
}

TEST(H2Upstream, OptionsAsteriskAndHead) {
  World world;
  auto& shop = world.h2Peer("shop").answers([](H2Peer::Request& request) {
    H2Peer::send(request, f::headers(request.stream, {{":status", "200"}, {"content-length", "7"}}));
  });
  auto& sidecar = world.sidecar(kConfig);
  const auto response = sidecar.request("HEAD", "shop", "/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("content-length"), "7");
  shop.answers(nullptr);
  EXPECT_EQ(sidecar.request("OPTIONS", "shop", "*").status, 200);
  EXPECT_EQ(shop.requests().back()->header(":path"), "*");
}

TEST(H2Upstream, GrpcCallsSayThatTheyTakeTrailers) {
  World world;
  auto& shop = world.h2Peer("shop");
  auto& sidecar = world.sidecar(kConfig);
  sidecar.post("shop", "/a.B/C", "x", {{"content-type", "application/grpc"}});
  EXPECT_EQ(shop.requests().front()->header("te"), "trailers");
}

TEST(H2Upstream, AnswersOfUnknownLengthAreChunkedAndKeepTheirTrailers) {
  World world;
  world.h2Peer("shop").answers([](H2Peer::Request& request) {
    H2Peer::send(request, f::headers(request.stream, {{":status", "200"}}, false) +
                              f::data(request.stream, "one ", false) + f::data(request.stream, "two", false) +
                              f::headers(request.stream, {{"x-sum", "7"}}));
  });
  auto& sidecar = world.sidecar(kConfig);
  const auto response = sidecar.get("shop", "/");
  EXPECT_EQ(response.body, "one two");
  ASSERT_EQ(response.trailers.size(), 1U);
  EXPECT_EQ(response.trailers[0].second, "7");
}

// ---- The pool

TEST(H2Upstream, ManyRequestsShareOneConnection) {
  World world;
  auto& shop = world.h2Peer("shop");
  auto& sidecar = world.sidecar(kConfig);
  const auto clients = askAtOnce(sidecar, 50);
  EXPECT_TRUE(world.runUntil([&] { return answered(clients) == 50; }, 10s));
  EXPECT_EQ(shop.connectionsAccepted(), 1U);
  EXPECT_EQ(sidecar.series("shop").connectionsIdle.value(), 1);
  EXPECT_EQ(sidecar.series("shop").connectionsActive.value(), 0);
}

TEST(H2Upstream, ASecondConnectionIsMadeWhereTheFirstIsFull) {
  World world;
  auto& shop = world.h2Peer("shop").greets(f::setting(3, 10)).answers([](H2Peer::Request&) {});
  auto& sidecar = world.sidecar(kConfig);
  const auto first = askAtOnce(sidecar, 1);
  world.run(10ms);
  const auto clients = askAtOnce(sidecar, 24);
  world.run(1s);
  EXPECT_EQ(shop.hits(), 25U);
  EXPECT_EQ(shop.connectionsAccepted(), 3U);
  for (const auto& request : shop.requests()) H2Peer::send(*request, H2Peer::reply(request->stream, 200));
  world.run(100ms);
  EXPECT_EQ(answered(clients), 24U);
  EXPECT_EQ(answered(first), 1U);
}

TEST(H2Upstream, LimitsCountConnectionsAndStreamsApart) {
  World world;
  auto& shop = world.h2Peer("shop").greets(f::setting(3, 2)).answers([](H2Peer::Request&) {});
  auto& sidecar = world.sidecar(
      "upstreams: {shop: {endpoints: ['${shop}'], protocol: http2, policy: tight}}\n"
      "policies: {tight: {retry: {limit: 0}, limits: {connections: 1, pendingTimeout: 5s}}}");
  askAtOnce(sidecar, 1);
  world.run(10ms);
  const auto clients = askAtOnce(sidecar, 3);
  world.run(100ms);
  EXPECT_EQ(shop.hits(), 2U);
  EXPECT_EQ(shop.connectionsAccepted(), 1U);
  for (int round = 0; round < 4; ++round) {
    for (const auto& request : shop.requests()) {
      if (!std::exchange(request->cancelled, true)) H2Peer::send(*request, H2Peer::reply(request->stream, 200));
    }
    world.run(10ms);
  }
  EXPECT_EQ(answered(clients), 3U);
  EXPECT_EQ(shop.connectionsAccepted(), 1U);
}

TEST(H2Upstream, AnIdleConnectionIsClosedInTimeAndSaysSo) {
  World world;
  auto& shop = world.h2Peer("shop");
  auto& sidecar = world.sidecar(kConfig);
  sidecar.get("shop", "/");
  world.run(59s);
  EXPECT_EQ(shop.connectionsOpen(), 1U);
  world.run(2s);
  EXPECT_EQ(shop.connectionsOpen(), 0U);
  EXPECT_EQ(shop.goAwayCode(), 0);
  EXPECT_EQ(sidecar.series("shop").connectionsIdle.value(), 0);
  EXPECT_EQ(sidecar.get("shop", "/").status, 200);
}

TEST(H2Upstream, AnOldConnectionDrains) {
  World world;
  auto& shop = world.h2Peer("shop").answers([](H2Peer::Request&) {});
  auto& sidecar = world.sidecar(
      "upstreams: {shop: {endpoints: ['${shop}'], protocol: http2, policy: aged}}\n"
      "policies: {aged: {limits: {maxAge: 5s}}}");
  const auto before = askAtOnce(sidecar, 1);
  world.run(6s);
  EXPECT_EQ(shop.goAwayCode(), 0);
  const auto behind = askAtOnce(sidecar, 1);
  world.run(1s);
  EXPECT_EQ(shop.connectionsAccepted(), 2U);
  for (const auto& request : shop.requests()) H2Peer::send(*request, H2Peer::reply(request->stream, 200));
  world.run(1s);
  EXPECT_EQ(answered(before) + answered(behind), 2U);
  EXPECT_EQ(shop.connectionsOpen(), 1U);
}

// ---- What is replayed, and what is not

TEST(H2Upstream, ARefusedPostIsSentAgain) {
  World world;
  int refusals = 0;
  auto& shop = world.h2Peer("shop").answers([&](H2Peer::Request& request) {
    if (refusals++ < 2) return H2Peer::send(request, f::reset(request.stream, 7));
    H2Peer::send(request, H2Peer::reply(request.stream, 200));
  });
  auto& sidecar = world.sidecar(kConfig);
  EXPECT_EQ(sidecar.post("shop", "/", "pay").status, 200);
  EXPECT_EQ(shop.hits(), 3U);
  EXPECT_EQ(shop.connectionsAccepted(), 1U);
}

TEST(H2Upstream, APostThatWasResetIsNot) {
  for (const uint32_t code : {0U, 1U, 2U, 8U, 11U}) {
    World world;
    auto& shop = world.h2Peer("shop").answers(
        [code](H2Peer::Request& request) { H2Peer::send(request, f::reset(request.stream, code)); });
    auto& sidecar = world.sidecar(kConfig);
    const auto response = sidecar.post("shop", "/", "pay");
    EXPECT_EQ(response.status, 502) << code;
    EXPECT_EQ(response.reason(), "upstream-reset");
    EXPECT_EQ(shop.hits(), 1U);
  }
}

TEST(H2Upstream, PostsAboveTheLastOfGoAwayAreSentAgainAndNoOthers) {
  World world;
  std::vector<H2Peer::Request*> waiting;
  auto& shop = world.h2Peer("shop").answers([&](H2Peer::Request& request) {
    waiting.push_back(&request);
    if (request.connection != waiting.front()->connection) {
      return H2Peer::send(request, H2Peer::reply(request.stream, 200));
    }
    // Of 20 streams, 1 to 39, the first ten were taken; then it closes without an answer.
    if (waiting.size() == 20) {
      H2Peer::send(request, goAway(19));
      H2Peer::end(request, Transport::CloseMode::Normal);
    }
  });
  auto& sidecar = world.sidecar(kCalm);
  const auto clients = askAtOnce(sidecar, 20, "POST");
  world.run(5s);
  EXPECT_EQ(answered(clients, 200), 10U);
  EXPECT_EQ(answered(clients, 502), 10U);
  EXPECT_EQ(shop.hits(), 30U);
}

TEST(H2Upstream, GoAwayInPeaceHarmsNobody) {
  World world;
  std::vector<H2Peer::Request*> held;
  auto& shop = world.h2Peer("shop").answers([&](H2Peer::Request& request) { held.push_back(&request); });
  auto& sidecar = world.sidecar(kConfig);
  const auto clients = askAtOnce(sidecar, 5, "POST");
  world.run(10ms);
  ASSERT_EQ(held.size(), 5U);
  shop.send(0, goAway(9));
  world.run(10ms);
  const auto later = askAtOnce(sidecar, 1, "POST");
  world.run(10ms);
  EXPECT_EQ(shop.connectionsAccepted(), 2U);
  for (H2Peer::Request* request : held) H2Peer::send(*request, H2Peer::reply(request->stream, 200));
  world.run(10ms);
  EXPECT_EQ(answered(clients) + answered(later), 6U);
  EXPECT_EQ(shop.hits(), 6U);
  EXPECT_EQ(shop.connectionsOpen(), 1U);
}

TEST(H2Upstream, ALostConnectionWithFiftyStreams) {
  World world;
  auto& shop = world.h2Peer("shop").answers([](H2Peer::Request&) {});
  auto& sidecar = world.sidecar(
      "upstreams: {shop: {endpoints: ['${shop}'], protocol: http2, policy: plain}}\n"
      "policies: {plain: {breaker: none, eject: none, retry: {budget: {minPerSecond: 100, burst: 100}}}}");
  const auto gets = askAtOnce(sidecar, 25);
  const auto posts = askAtOnce(sidecar, 25, "POST");
  world.run(10ms);
  ASSERT_EQ(shop.hits(), 50U);
  shop.answers(nullptr);
  shop.endAll(Transport::CloseMode::Reset);
  world.run(5s);
  EXPECT_EQ(answered(gets, 200), 25U);
  EXPECT_EQ(answered(posts, 502), 25U);
  EXPECT_EQ(shop.hits(), 75U);
  EXPECT_EQ(sidecar.series("shop").connectionsActive.value(), 0);
}

TEST(H2Upstream, MoreStreamsThanThePeerTakesAreRetriedAndHarmNobody) {
  World world;
  std::map<H2Peer::Connection*, int> here;
  auto& shop = world.h2Peer("shop").greets(f::setting(3, 5));
  shop.answers([&](H2Peer::Request& request) {
    if (++here[request.connection] > 5) {
      --here[request.connection];
      return H2Peer::send(request, f::reset(request.stream, 7));
    }
    world.loop().in(5ms, [&here, &request] {
      --here[request.connection];
      H2Peer::send(request, H2Peer::reply(request.stream, 200));
    });
  });
  auto& sidecar = world.sidecar(kConfig);
  const auto clients = askAtOnce(sidecar, 10, "POST");
  world.run(10s);
  EXPECT_EQ(sidecar.series("shop").breakerState.value(), 0);
  EXPECT_EQ(answered(clients), 10U);
}

TEST(H2Upstream, AMalformedAnswerFailsItsStreamAlone) {
  World world;
  auto& shop = world.h2Peer("shop").answers([](H2Peer::Request& request) {
    const bool bad = request.header(":path") == "/1";
    H2Peer::send(request, bad ? f::headers(request.stream, {{":status", "200"}, {"connection", "close"}})
                              : H2Peer::reply(request.stream, 200));
  });
  auto& sidecar = world.sidecar(
      "upstreams: {shop: {endpoints: ['${shop}'], protocol: http2, policy: once}}\npolicies: {once: {retry: {limit: "
      "0}}}");
  const auto clients = askAtOnce(sidecar, 3);
  world.run(1s);
  EXPECT_EQ(answered(clients), 2U);
  EXPECT_EQ(clients[1]->responses().front().status, 502);
  EXPECT_EQ(clients[1]->responses().front().reason(), "upstream-malformed");
  EXPECT_EQ(shop.connectionsAccepted(), 1U);
}

// ---- Time and pressure

TEST(H2Upstream, ACallerWhoLeavesCancelsItsStreamAlone) {
  World world;
  auto& shop = world.h2Peer("shop").answers([](H2Peer::Request&) {});
  auto& sidecar = world.sidecar(kConfig);
  const auto clients = askAtOnce(sidecar, 2);
  world.run(10ms);
  clients[0]->reset();
  world.run(10ms);
  EXPECT_TRUE(shop.requests()[0]->cancelled);
  EXPECT_FALSE(shop.requests()[1]->cancelled);
  H2Peer::send(*shop.requests()[1], H2Peer::reply(shop.requests()[1]->stream, 200));
  world.run(10ms);
  EXPECT_EQ(answered(clients), 1U);
}

TEST(H2Upstream, ADeadPeerIsNoticedByPing) {
  World world;
  auto& shop = world.h2Peer("shop").answers([](H2Peer::Request&) {});
  auto& sidecar = world.sidecar(
      "upstreams: {shop: {endpoints: ['${shop}'], protocol: http2, policy: slow}}\n"
      "policies: {slow: {timeout: {request: 5m, attempt: none}, retry: {limit: 0}}}");
  const auto clients = askAtOnce(sidecar, 1);
  world.run(19s);
  EXPECT_EQ(shop.framesOf(f::kPing), 0U);
  world.run(2s);
  EXPECT_EQ(shop.framesOf(f::kPing), 1U);
  world.run(60s);  // it answers
  EXPECT_EQ(clients[0]->complete(), 0U);
  shop.answersPings(false);
  world.run(30s);
  ASSERT_EQ(clients[0]->complete(), 1U);
  EXPECT_EQ(clients[0]->responses().front().reason(), "upstream-reset");
}

TEST(H2Upstream, ACallerWhoDoesNotReadHoldsUpItsStreamAlone) {
  World world;
  const std::string piece(16'000, 'x');
  auto& shop = world.h2Peer("shop").answers([&](H2Peer::Request& request) {
    if (request.header(":path") != "/0") return H2Peer::send(request, H2Peer::reply(request.stream, 200));
    std::string octets = f::headers(request.stream, {{":status", "200"}}, false);
    for (int i = 0; i < 8; ++i) octets += f::data(request.stream, piece, false);
    H2Peer::send(request, octets);
  });
  auto& sidecar = world.sidecar(kConfig);
  sidecar.get("shop", "/warm");  // our SETTINGS are known to the peer
  const auto clients = askAtOnce(sidecar, 1);
  clients[0]->stall();
  world.run(100ms);
  const auto given = [&] {
    size_t total = 0;
    for (const auto& frame : shop.frames()) {
      const bool ofIt = frame.type == f::kWindowUpdate && frame.stream == shop.requests()[1]->stream;
      if (ofIt) total += f::numberAt(frame.payload, 0, 4);
    }
    return total;
  };
  EXPECT_EQ(sidecar.connect().closed(), false);
  EXPECT_EQ(sidecar.get("shop", "/other").status, 200);
  EXPECT_LE(given(), 8 * piece.size());
}

TEST(H2Upstream, AnUploadWaitsForThePeersWindow) {
  World world;
  auto& shop = world.h2Peer("shop").keepsWindows().answers([](H2Peer::Request&) {});
  auto& sidecar = world.sidecar(kConfig);
  Client& client = sidecar.connect();
  client.ask("POST", "shop", "/", {}, std::string(2'000'000, 'x'));
  world.run(1s);
  EXPECT_EQ(shop.requests().front()->body.size(), 65535U);
  EXPECT_GT(client.unsent(), 1'000'000U);
  shop.send(0, f::windowUpdate(0, 10'000'000) + f::windowUpdate(1, 10'000'000));
  world.run(1s);
  EXPECT_EQ(shop.requests().front()->body.size(), 2'000'000U);
  EXPECT_TRUE(shop.requests().front()->complete);
}

// ---- In the version of the caller

TEST(H2Upstream, AutoCallsInHttp1ForACallerOfHttp1) {
  World world;
  auto& shop = world.upstream("shop");
  auto& sidecar = world.sidecar(kAuto);
  EXPECT_EQ(sidecar.get("shop", "/").status, 200);
  EXPECT_EQ(shop.hits(), 1U);
}

TEST(H2Upstream, AnUpstreamOfHttp1BehindHttp2FailsClearly) {
  World world;
  auto& shop = world.upstream("shop").sends("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").andCloses();
  auto& sidecar = world.sidecar(kConfig);
  const auto response = sidecar.post("shop", "/", "pay");
  EXPECT_EQ(response.status, 502);
  EXPECT_LE(shop.connectionsAccepted(), 3U);
}

}  // namespace
}  // namespace outrigger::sim
