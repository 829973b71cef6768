// Every reason of the closed list that this version can give, provoked once: status, header, body, exactly one access
// record, exactly one count, and nothing left behind. A reason that appears in the table must appear here, too, or be
// named among those that nothing gives yet.
#include <gtest/gtest.h>

#include <set>

#include "proxy/exchange/reply_table.h"
#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

// One way to a reason. `ask` leaves a caller behind, whose request has ended when it returns.
struct Way {
  Reason reason;
  const char* config;  // besides the upstream `orders`
  std::function<Client&(World&, Sidecar&, Upstream&)> ask;
  uint16_t status;       // of the record
  bool answered = true;  // the caller gets a whole answer
};

Client& get(World& world, Sidecar& sidecar, const std::string& host = "orders", const test::Headers& headers = {}) {
  Client& client = sidecar.connect();
  client.ask("GET", host, "/", headers);
  world.runUntil([&] { return client.complete() == 1 || client.closed(); }, 10s);
  return client;
}

Client& send(World& world, Sidecar& sidecar, const std::string& octets, Duration wait = 10ms) {
  Client& client = sidecar.connect();
  client.request("POST", octets);
  world.run(wait);
  return client;
}

std::vector<Way> ways() {
  constexpr const char* kOneTry = "policies: {default: {breaker: none, retry: {limit: 0}}}";
  std::vector<Way> all;
  all.push_back({Reason::Ok, "", [](World& w, Sidecar& s, Upstream&) -> Client& { return get(w, s); }, 200});
  all.push_back(
      {Reason::NoRoute, "", [](World& w, Sidecar& s, Upstream&) -> Client& { return get(w, s, "nobody"); }, 404});
  all.push_back({Reason::LimitRequests, "policies: {default: {limits: {requests: 1, pending: 0}}}",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.hangs();
                   s.connect().ask("GET", "orders");
                   w.run(5ms);
                   return get(w, s);
                 },
                 503});
  all.push_back({Reason::LimitConnections, "policies: {default: {limits: {connections: 1, pending: 0}}}",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.hangs();
                   s.connect().ask("GET", "orders");
                   w.run(5ms);
                   return get(w, s);
                 },
                 503});
  all.push_back({Reason::LimitPending, "policies: {default: {limits: {requests: 1, pending: 1}}}",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.hangs();
                   for (int i = 0; i < 2; ++i) s.connect().ask("GET", "orders");
                   w.run(5ms);
                   return get(w, s);
                 },
                 503});
  all.push_back({Reason::PendingTimeout, "policies: {default: {limits: {requests: 1, pendingTimeout: 100ms}}}",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.hangs();
                   s.connect().ask("GET", "orders");
                   w.run(5ms);
                   return get(w, s);
                 },
                 503});
  all.push_back({Reason::BreakerOpen, "policies: {default: {retry: {limit: 0}}}",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.replies(503);
                   for (int i = 0; i < 5; ++i) get(w, s);
                   return get(w, s);
                 },
                 503});
  all.push_back({Reason::RateLimited,
                 "routes: [{match: {host: orders}, to: orders, filters: [{local-rate-limit: {requests: 1}}]}]",
                 [](World& w, Sidecar& s, Upstream&) -> Client& {
                   get(w, s);
                   return get(w, s);
                 },
                 429});
  all.push_back({Reason::FaultInjected,
                 "routes: [{match: {host: orders}, to: orders, filters: [{fault: {abort: {percent: 100, status: "
                 "599}}}]}]",
                 [](World& w, Sidecar& s, Upstream&) -> Client& { return get(w, s); }, 599});
  all.push_back({Reason::Responded, "routes: [{match: {host: x}, respond: {status: 299, body: hello}}]",
                 [](World& w, Sidecar& s, Upstream&) -> Client& { return get(w, s, "x"); }, 299});
  all.push_back({Reason::Redirected, "routes: [{match: {host: x}, redirect: {status: 308, scheme: https}}]",
                 [](World& w, Sidecar& s, Upstream&) -> Client& { return get(w, s, "x"); }, 308});
  all.push_back({Reason::Loop, "",
                 [](World& w, Sidecar& s, Upstream&) -> Client& {
                   std::string via = "1.1 outrigger";
                   for (int i = 0; i < 30; ++i) via += ", 1.1 outrigger";
                   return get(w, s, "orders", {{"via", via}});
                 },
                 508});
  all.push_back(
      {Reason::Malformed, "",
       [](World& w, Sidecar& s, Upstream&) -> Client& { return send(w, s, "GET / HTTP/1.1\r\nhost: a b\r\n\r\n"); },
       400});
  all.push_back({Reason::UriTooLong, "",
                 [](World& w, Sidecar& s, Upstream&) -> Client& {
                   return send(w, s, "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nhost: orders\r\n\r\n");
                 },
                 414});
  all.push_back({Reason::HeadersTooLarge, "",
                 [](World& w, Sidecar& s, Upstream&) -> Client& {
                   return send(w, s, "GET / HTTP/1.1\r\nhost: orders\r\nx: " + std::string(70000, 'a') + "\r\n\r\n");
                 },
                 431});
  all.push_back({Reason::Unsupported, "",
                 [](World& w, Sidecar& s, Upstream&) -> Client& {
                   return send(w, s, "CONNECT orders:80 HTTP/1.1\r\nhost: orders:80\r\n\r\n");
                 },
                 501});
  all.push_back(
      {Reason::UnsupportedVersion, "",
       [](World& w, Sidecar& s, Upstream&) -> Client& { return send(w, s, "GET / HTTP/2.0\r\nhost: orders\r\n\r\n"); },
       505});
  all.push_back({Reason::HeaderTimeout, "http: {headTimeout: 1s}",
                 [](World& w, Sidecar& s, Upstream&) -> Client& { return send(w, s, "GET / H", 1100ms); }, 408});
  all.push_back({Reason::BodyTimeout, "policies: {default: {timeout: {body: 1s}}}",
                 [](World& w, Sidecar& s, Upstream&) -> Client& {
                   return send(w, s, "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 5\r\n\r\nab", 1100ms);
                 },
                 408});
  all.push_back({Reason::UpstreamReset, kOneTry,
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.resets();
                   return get(w, s);
                 },
                 502});
  all.push_back({Reason::UpstreamMalformed, kOneTry,
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.sends("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n");
                   return get(w, s);
                 },
                 502});
  all.push_back({Reason::ConnectFailed, kOneTry,
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.down();
                   return get(w, s);
                 },
                 503});
  all.push_back({Reason::ConnectTimeout, kOneTry,
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   w.network().blackhole(orders.address());
                   return get(w, s);
                 },
                 503});
  all.push_back({Reason::AttemptTimeout, "policies: {default: {timeout: {attempt: 100ms}, retry: {limit: 0}}}",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.hangs();
                   return get(w, s);
                 },
                 504});
  all.push_back({Reason::RequestTimeout, "policies: {default: {timeout: {request: 1s}, retry: {limit: 0}}}",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.hangs();
                   return get(w, s);
                 },
                 504});
  all.push_back({Reason::IdleTimeout, "policies: {default: {timeout: {idle: 1s}}}",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
                   return get(w, s);
                 },
                 200, false});
  all.push_back({Reason::ClientClosed, "",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.hangs();
                   Client& client = s.connect();
                   client.ask("GET", "orders");
                   w.run(10ms);
                   client.reset();
                   w.run(10ms);
                   return client;
                 },
                 499, false});
  all.push_back({Reason::Draining, "",
                 [](World& w, Sidecar& s, Upstream& orders) -> Client& {
                   orders.hangs();
                   Client& client = s.connect();
                   client.ask("GET", "orders");
                   w.run(10ms);
                   s.worker().cutAll();
                   w.run(10ms);
                   return client;
                 },
                 503, false});
  return all;
}

// Nothing in this version gives these: no policy, filter or protocol of theirs exists yet, or (NoEndpoints) the rules
// that keep the last endpoint forbid it.
const std::set<Reason> kNotGivenYet = {Reason::NoEndpoints,     Reason::Shed,    Reason::BodyTooLarge,
                                       Reason::TlsFailed,       Reason::Denied,  Reason::DeadlineExceeded,
                                       Reason::Unauthenticated, Reason::Internal};

void expectAnswer(const Way& way, const Client& client) {
  const exchange::ReplyRow& row = exchange::replyRow(way.reason);
  ASSERT_EQ(client.responses().size(), 1U);
  const test::SeenResponse& response = client.responses()[0];
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.status, way.status);
  EXPECT_EQ(response.reason(), way.reason == Reason::Ok ? "" : row.word);
  const bool ownText = way.reason == Reason::Ok || way.reason == Reason::Responded;
  if (ownText) return;
  EXPECT_TRUE(response.body.starts_with("outrigger: " + std::string(row.word) + ": ")) << response.body;
}

TEST(Reasons, EachLeavesOneRecordOneCountAndNothingElse) {
  for (const Way& way : ways()) {
    const exchange::ReplyRow& row = exchange::replyRow(way.reason);
    SCOPED_TRACE(row.word);
    World world;
    auto& orders = world.upstream("orders");
    auto& sidecar = world.sidecar("log: {access: all}\nupstreams: {orders: {endpoints: ['${orders}']}}\n" +
                                  std::string(way.config));
    const Client& client = way.ask(world, sidecar, orders);
    if (way.answered) {
      expectAnswer(way, client);
    } else {
      EXPECT_EQ(client.complete(), 0U);
    }
    const auto isOurs = [&](const std::string& line) { return fieldOf(line, "reason") == row.word; };
    EXPECT_EQ(std::ranges::count_if(sidecar.accessLines(), isOurs), 1);
    EXPECT_EQ(lastRecord(sidecar, "reason"), row.word);
    EXPECT_EQ(lastRecord(sidecar, "status"), std::to_string(way.status));
    EXPECT_EQ(counted(sidecar, way.status, way.reason), 1U);
    sidecar.worker().cutAll();
    world.run(10ms);
    EXPECT_EQ(sidecar.worker().activeExchanges(), 0U);
    EXPECT_EQ(sidecar.series("orders").inFlight[1].value() + sidecar.series("orders").inFlight[0].value(), 0);
  }
}

TEST(Reasons, TheTableIsWalkedWhole) {
  std::set<Reason> provoked;
  for (const Way& way : ways()) provoked.insert(way.reason);
  for (size_t i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_NE(provoked.contains(reason), kNotGivenYet.contains(reason)) << exchange::replyRow(reason).word;
  }
}

}  // namespace
}  // namespace outrigger::sim
