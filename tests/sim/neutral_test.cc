// What says nothing about a service (POLICIES §3): each such end of a request, forty times in a row, neither opens the
// breaker of an upstream of one endpoint nor ejects one of two. Beside them what does say something, so that the rows
// above prove what they say.
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

constexpr int kRounds = 40;

struct Stage {
  World world;
  Upstream& bad = world.upstream("bad");
  Upstream& good = world.upstream("good");
  Sidecar* sidecar = nullptr;

  void get(test::Headers headers = {}) { sidecar->get("orders", "/", std::move(headers)); }
  /// Asks, waits a little, and lets `then` happen to the caller.
  template <class Then>
  void ask(Then&& then, Duration wait = 5ms) {
    Client& client = sidecar->connect();
    client.ask("GET", "orders");
    world.run(wait);
    then(client);
    world.run(5ms);
  }
  /// An upload that stops in the middle.
  void uploadPartly(Duration wait) {
    Client& client = sidecar->connect();
    client.request("POST", "POST / HTTP/1.1\r\nhost: orders\r\ncontent-length: 10\r\n\r\nabc");
    world.run(wait);
    client.reset();
    world.run(1ms);
  }
};

struct Row {
  const char* name;
  std::function<void(Stage&)> prepare;
  std::function<void(Stage&)> once;
  // How such a request ends; where there are two endpoints, half of them do.
  uint16_t status;
  Reason reason;
  bool counts = false;
  std::string policy{};
  std::string filter{};
  bool sidecar = false;
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << row.name;
}

std::string config(const Row& row, const std::string& endpoints) {
  std::string text = "policies: {default: {retry: {limit: 0}" + (row.policy.empty() ? "" : ", " + row.policy) + "}}\n";
  text += "upstreams: {orders: {balance: round-robin, endpoints: [" + endpoints + "]";
  text += row.sidecar ? ", sidecar: true}}\n" : "}}\n";
  if (!row.filter.empty()) text += "routes: [{match: {host: orders}, to: orders, filters: [{" + row.filter + "}]}]\n";
  return text;
}

void nothing(Stage&) {}
void get(Stage& stage) {
  stage.get();
}
void occupy(Stage& stage) {
  stage.bad.hangs();
  stage.good.hangs();
  stage.sidecar->connect().ask("GET", "orders");
  stage.world.run(5ms);
}
void hang(Stage& stage) {
  stage.bad.hangs();
}
void refuseMarked(Stage& stage) {
  stage.bad.replies(503, "", {{"outrigger-not-forwarded", "1"}});
}
void refuseMarkedForRate(Stage& stage) {
  stage.bad.replies(429, "", {{"outrigger-not-forwarded", "1"}});
}
void answerMuch(Stage& stage) {
  for (Upstream* upstream : {&stage.bad, &stage.good}) upstream->replies(200, std::string(2 << 20, 'm'));
}

// All of the request was given to the network, but some of it still waits for the upstream to read.
void resetWhileItReads(Stage& stage) {
  stage.bad.up();
  stage.bad.stall();
  Client& client = stage.sidecar->connect();
  client.ask("POST", "orders", "/", {}, std::string(170 * 1024, 'x'));
  stage.world.run(10ms);
  stage.bad.down();
  EXPECT_TRUE(stage.world.runUntil([&] { return client.complete() == 1; }));
}

// A warm connection closes in the instant in which it is used again.
void useStale(Stage& stage) {
  for (int i = 0; i < 2; ++i) stage.get();  // three requests each time, so that each endpoint has its turn
  Client& client = stage.sidecar->connect();
  client.ask("POST", "orders", "/", {}, "x");
  stage.world.loop().in(150us, [&stage] { stage.bad.closeIdle(); });
  EXPECT_TRUE(stage.world.runUntil([&] { return client.complete() == 1; }));
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows{
      // Local refusals.
      {"limit", occupy, get, 503, Reason::LimitRequests, false, "limits: {requests: 1, pending: 0}"},
      {"pending timeout", occupy, get, 503, Reason::PendingTimeout, false,
       "limits: {requests: 1, pendingTimeout: 10ms}"},
      {"our own exhaustion", [](Stage& s) { s.world.network().exhaust(true); }, get, 503, Reason::ConnectFailed},
      // A peer's marked refusals.
      {"marked refusal", refuseMarked, get, 503, Reason::Ok, false, "failures: [503, 429]", "", true},
      {"marked refusal for a rate", refuseMarkedForRate, get, 429, Reason::Ok, false, "failures: [503, 429]", "", true},
      // The caller.
      {"the caller's deadline", hang,
       [](Stage& s) {
         s.get({{"outrigger-timeout-ms", "20"}});
       },
       504, Reason::DeadlineExceeded},
      {"the caller resets", hang, [](Stage& s) { s.ask([](Client& c) { c.reset(); }); }, 499, Reason::ClientClosed},
      {"the caller closes", hang, [](Stage& s) { s.ask([](Client& c) { c.leave(); }); }, 499, Reason::ClientClosed},
      // The request was not fully written.
      {"upload that stops", hang, [](Stage& s) { s.uploadPartly(200ms); }, 408, Reason::BodyTimeout, false,
       "timeout: {body: 100ms}"},
      {"upload cut by the upstream", [](Stage& s) { s.bad.early().resets(); }, [](Stage& s) { s.uploadPartly(10ms); },
       502, Reason::UpstreamReset},
      {"upload that is not read", nothing, resetWhileItReads, 502, Reason::UpstreamReset},
      // The upstream paused by our own back-pressure.
      {"an answer that nobody reads", answerMuch,
       [](Stage& s) {
         Client& client = s.sidecar->connect();
         client.stall();
         client.ask("GET", "orders");
         s.world.run(1s);
       },
       200, Reason::ClientClosed, false, "timeout: {idle: 100ms}"},
      // A stale reused connection.
      {"stale connection", nothing, useStale, 502, Reason::UpstreamReset},
      // Injected faults, and what else filters answer.
      {"injected abort", nothing, get, 503, Reason::FaultInjected, false, "",
       "fault: {abort: {percent: 100, status: 503}}"},
      {"injected delay", nothing, [](Stage& s) { s.ask([](Client& c) { c.reset(); }); }, 499, Reason::ClientClosed,
       false, "", "fault: {delay: {percent: 100, time: 1s}}"},
      {"rate limit", nothing, get, 429, Reason::RateLimited, false, "", "local-rate-limit: {requests: 1, per: 1h}"},

      // What counts.
      {"503", [](Stage& s) { s.bad.replies(503); }, get, 503, Reason::Ok, true},
      {"503 with a mark that is not believed", refuseMarked, get, 503, Reason::Ok, true},
      {"reset", [](Stage& s) { s.bad.resets(); }, get, 502, Reason::UpstreamReset, true},
      {"no connection", [](Stage& s) { s.bad.down(); }, get, 503, Reason::ConnectFailed, true},
      {"no answer", hang, get, 504, Reason::AttemptTimeout, true, "timeout: {attempt: 20ms}"},
  };
  return kRows;
}

class Neutral : public ::testing::TestWithParam<Row> {
 protected:
  void play(Stage& stage, const std::string& endpoints, uint64_t atLeast) {
    const Row& row = GetParam();
    stage.sidecar = &stage.world.sidecar(config(row, endpoints));
    row.prepare(stage);
    for (int i = 0; i < kRounds; ++i) row.once(stage);
    stage.world.run(1s);  // until nobody doubts that a caller has left
    EXPECT_GE(counted(*stage.sidecar, row.status, row.reason), atLeast) << "or the row shows nothing";
  }
};

TEST_P(Neutral, ForTheBreaker) {
  Stage stage;
  play(stage, "'${bad}'", GetParam().counts ? 5 : kRounds - 1);
  const metrics::UpstreamSeries& series = stage.sidecar->series("orders");
  const uint64_t opened = series.breakerTransitions[static_cast<size_t>(policy::Breaker::State::Open)].value();
  EXPECT_EQ(opened > 0, GetParam().counts);
}

TEST_P(Neutral, ForEjection) {
  Stage stage;
  play(stage, "'${bad}', '${good}'", GetParam().counts ? 5 : kRounds / 2 - 1);
  uint64_t ejected = 0;
  for (const auto& cause : stage.sidecar->series("orders").ejections) ejected += cause.value();
  EXPECT_EQ(ejected > 0, GetParam().counts);
}

std::string rowName(const ::testing::TestParamInfo<Row>& info) {
  std::string name;
  bool capital = true;
  for (const char c : std::string_view(info.param.name)) {
    const bool word = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (word) name += static_cast<char>(capital ? std::toupper(c) : c);
    capital = !word;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rows, Neutral, ::testing::ValuesIn(rows()), rowName);

}  // namespace
}  // namespace outrigger::sim
