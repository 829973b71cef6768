// Random configs, callers, upstreams and reloads, from a seed: what must hold whatever happens. A seed that fails is a
// test case: run it alone with --gtest_filter and add what it shows as a test of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

// A caller with the requests that it has made on its connection.
struct Caller {
  Client* client = nullptr;
  std::vector<size_t> numbers;
  std::string rest;   // of an upload that is sent piece by piece
  bool last = false;  // takes no further request
  bool gone = false;
};

struct Asked {
  std::string method;
  bool keyed = false;
};

class Chaos {
 public:
  explicit Chaos(uint64_t seed) : world_(seed), rng_(seed * 7919) {
    endpoints_ = 1 + rng_.below(4);
    limit_ = rng_.below(4);
    keyNamed_ = rng_.chance(0.5);
    for (size_t i = 0; i < endpoints_; ++i) upstreams_.push_back(&world_.upstream(std::string(1, name(i))));
    sidecar_ = &world_.sidecar(config());
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    calmDown();
    checkAnswers();
    checkRecords();
    checkUpstreams();
    leave();
    checkQuiet();
  }

 private:
  static char name(size_t i) { return static_cast<char>('a' + i); }
  template <class T>
  T oneOf(std::initializer_list<T> items) {
    return *(items.begin() + rng_.below(items.size()));
  }
  std::string config();
  void step();
  void ask();
  void send(Caller& caller, const std::string& head, const std::string& body);
  void disturbCaller();
  void disturbUpstream();
  void script(Upstream& upstream);
  void reload() { EXPECT_EQ(sidecar_->reload(config()), ""); }
  void calmDown();
  void checkAnswers();
  void checkRecords();
  void checkUpstreams();
  void leave();
  void checkQuiet();

  World world_;
  Rng rng_;
  size_t endpoints_ = 1;
  uint64_t limit_ = 0;
  bool keyNamed_ = false;
  std::vector<Upstream*> upstreams_;
  Sidecar* sidecar_ = nullptr;
  std::vector<Caller> callers_;
  std::vector<Asked> asked_;
  std::map<size_t, size_t> answersOf_;
};

std::string Chaos::config() {
  std::string endpoints;
  for (size_t i = 0; i < endpoints_; ++i) {
    if (i > 0 && rng_.chance(0.2)) continue;  // comes and goes with reloads
    endpoints += std::string(i == 0 ? "" : ", ") + "{address: '${" + name(i) +
                 "}', weight: " + std::to_string(1 + rng_.below(3)) + "}";
  }
  const std::string retry = "limit: " + std::to_string(limit_) + (keyNamed_ ? ", idempotencyKey: x-key" : "") +
                            ", bufferBody: " + oneOf({"1KiB", "64KiB"}) +
                            ", backoff: {base: 5ms, max: 50ms}, budget: {percent: 100, burst: 1000}";
  return std::string("log: {access: all, headers: [x-number]}\npolicies: {default: {") +
         oneOf({"breaker: none, ", "", "breaker: {open: 100ms, maxOpen: 200ms}, "}) +
         oneOf({"eject: none, ", "", "eject: {baseTime: 200ms, maxTime: 1s}, "}) +
         "timeout: {request: 3s, attempt: " + oneOf({"auto", "200ms"}) +
         ", connect: 100ms, idle: 2s, body: 2s}, retry: {" + retry +
         "}, limits: {connections: " + oneOf({"2", "5", "1024"}) + ", requests: " + oneOf({"3", "4096"}) +
         ", pending: " + oneOf({"0", "2", "100"}) + ", pendingTimeout: 500ms}}}\n" +
         "upstreams: {orders: {balance: " + oneOf({"least-request", "round-robin", "random"}) + ", endpoints: [" +
         endpoints + "]}}\n" +
         oneOf({"",
                "routes: [{match: {host: orders}, to: orders, filters: [{fault: {delay: {percent: 20, time: 30ms}, "
                "abort: {percent: 5, status: 500}}}]}]"});
}

void Chaos::step() {
  switch (rng_.below(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: ask(); break;
    case 5:
    case 6: disturbCaller(); break;
    case 7:
    case 8: disturbUpstream(); break;
    case 9:
      if (rng_.chance(0.3)) reload();
      break;
  }
  world_.run(oneOf<Duration>({0ms, 50us, 130us, 1ms, 1ms, 7ms, 40ms, 300ms}));
}

void Chaos::ask() {
  Caller* caller = nullptr;
  if (!callers_.empty() && rng_.chance(0.7)) caller = &callers_[rng_.below(callers_.size())];
  const bool usable =
      caller != nullptr && !caller->last && !caller->gone && caller->rest.empty() && !caller->client->closed();
  if (!usable) {
    callers_.push_back({.client = &sidecar_->connect(), .numbers = {}, .rest = {}});
    caller = &callers_.back();
  }
  const bool keyed = rng_.chance(0.3);
  const std::string method = oneOf<const char*>({"GET", "GET", "HEAD", "PUT", "POST", "POST", "DELETE"});
  const size_t number = asked_.size();
  asked_.push_back({method, keyed});
  caller->numbers.push_back(number);
  const bool old = rng_.chance(0.1);
  std::string head = method + " /" + std::to_string(number) + (old ? " HTTP/1.0" : " HTTP/1.1") +
                     "\r\nhost: orders\r\nx-number: " + std::to_string(number) + "\r\n";
  if (keyed) head += "x-key: k\r\n";
  if (rng_.chance(0.1)) head += "connection: close\r\n";
  caller->last = old || head.find("close") != std::string::npos;
  const bool hasBody = method.starts_with("P");
  const size_t size = hasBody ? oneOf<size_t>({0, 10, 3000, 80000, 300000}) : 0;
  const std::string body(size, static_cast<char>('a' + number % 26));
  if (hasBody && !old && rng_.chance(0.3)) {
    char hex[20];
    std::snprintf(hex, sizeof hex, "%zx", size);
    const std::string chunk = size == 0 ? "" : std::string(hex) + "\r\n" + body + "\r\n";
    return send(*caller, head + "transfer-encoding: chunked\r\n\r\n", chunk + "0\r\n\r\n");
  }
  if (hasBody) head += "content-length: " + std::to_string(size) + "\r\n";
  send(*caller, head + "\r\n", body);
}

// All at once, or a part now and the rest later.
void Chaos::send(Caller& caller, const std::string& head, const std::string& body) {
  const size_t now = rng_.chance(0.5) ? body.size() : rng_.below(body.size() + 1);
  caller.client->request(asked_.back().method, head + body.substr(0, now));
  caller.rest = body.substr(now);
}

void Chaos::disturbCaller() {
  if (callers_.empty()) return;
  Caller& caller = callers_[rng_.below(callers_.size())];
  if (caller.gone || caller.client->closed()) return;
  switch (rng_.below(8)) {
    case 0:
      caller.client->reset();
      caller.gone = true;
      break;
    case 1:
      caller.client->leave();
      caller.gone = true;
      break;
    case 2:
      caller.client->finish();
      caller.last = true;
      caller.rest.clear();
      break;
    case 3: caller.client->stall(); break;
    case 4: caller.client->goOn(); break;
    default: {
      const size_t piece = rng_.below(caller.rest.size() + 1);
      caller.client->send(caller.rest.substr(0, piece));
      caller.rest.erase(0, piece);
    }
  }
}

void Chaos::disturbUpstream() {
  Upstream& upstream = *upstreams_[rng_.below(upstreams_.size())];
  switch (rng_.below(10)) {
    case 0: upstream.down(); break;
    case 1: world_.network().blackhole(upstream.address()); break;
    case 2: upstream.stall(); break;
    case 3: upstream.goOn(); break;
    case 4: upstream.closeIdle(); break;
    case 5:
    case 6: upstream.up(); break;
    default: script(upstream);
  }
}

void Chaos::script(Upstream& upstream) {
  if (rng_.chance(0.2)) upstream.early(oneOf<size_t>({0, 5, 2000}));
  switch (rng_.below(9)) {
    case 0: upstream.resets(); break;
    case 1: upstream.closes(); break;
    case 2: upstream.hangs(); break;
    case 3: upstream.sends("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"); break;
    case 4:
      upstream.sends("HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
      break;
    case 5: upstream.sends("nonsense\r\n\r\n"); break;
    case 6: upstream.replies(oneOf({500, 502, 503, 504})); break;
    case 7: upstream.replies(200, std::string(400000, 'x')); break;
    default: upstream.replies(oneOf({200, 204, 304, 404}), "answer"); break;
  }
  if (rng_.chance(0.5)) upstream.after(oneOf<Duration>({1ms, 20ms, 250ms, 4s}));
}

// Everybody finishes what was begun; nothing is asked any more.
void Chaos::calmDown() {
  for (Upstream* upstream : upstreams_) {
    upstream->up();
    upstream->goOn();
    upstream->replies(200);
  }
  for (Caller& caller : callers_) {
    if (caller.gone || caller.client->closed()) continue;
    caller.client->goOn();
    caller.client->send(caller.rest);
  }
  world_.run(50s);  // pipelined requests may each take their whole time
}

// Each request on a connection gets its own answer in its turn, or the connection is cut.
void Chaos::checkAnswers() {
  for (const Caller& caller : callers_) {
    const auto& responses = caller.client->responses();
    EXPECT_LE(responses.size(), caller.numbers.size());
    for (size_t i = 0; i < std::min(caller.client->complete(), caller.numbers.size()); ++i) {
      ++answersOf_[caller.numbers[i]];
      const std::string echo = responses[i].header(kNumberHeader);
      EXPECT_TRUE(echo.empty() || echo == std::to_string(caller.numbers[i])) << "somebody else's answer";
    }
    if (caller.gone || caller.client->closed()) continue;
    EXPECT_EQ(caller.client->complete(), caller.numbers.size()) << "an open connection owes an answer";
  }
}

// One record for each request that came in, and the counters agree.
void Chaos::checkRecords() {
  std::map<size_t, size_t> recordsOf;
  for (const std::string& line : sidecar_->accessLines()) {
    EXPECT_LE(std::stoul(fieldOf(line, "attempts")), 1 + limit_) << line;
    const std::string number = fieldOf(line, kNumberHeader);
    if (!number.empty()) ++recordsOf[std::stoul(number)];
  }
  for (const auto& [number, count] : recordsOf) EXPECT_EQ(count, 1U) << "request " << number;
  for (const auto& [number, count] : answersOf_) EXPECT_EQ(recordsOf[number], 1U) << "request " << number;
  uint64_t all = 0;
  for (uint32_t series = 0; series < sidecar_->requestSeries(); ++series) {
    sidecar_->metrics().requests[series].requests.forEach([&](uint16_t, Reason, uint64_t count) { all += count; });
  }
  EXPECT_EQ(all, sidecar_->accessLines().size());
}

// No request is tried more often than the limit allows; what may not be repeated never is.
void Chaos::checkUpstreams() {
  std::map<size_t, size_t> triesOf;
  for (const Upstream* upstream : upstreams_) {
    for (const auto& request : upstream->begun()) ++triesOf[std::stoul(request.header(kNumberHeader))];
  }
  for (const auto& [number, tries] : triesOf) {
    EXPECT_LE(tries, 1 + limit_) << "request " << number;
    const Asked& asked = asked_[number];
    const bool repeatable = asked.method != "POST" || (keyNamed_ && asked.keyed);
    EXPECT_TRUE(repeatable || tries == 1) << "request " << number << " must not be sent twice";
  }
}

void Chaos::leave() {
  for (Caller& caller : callers_) caller.client->leave();
  world_.run(2min);
}

void Chaos::checkQuiet() {
  EXPECT_EQ(sidecar_->worker().activeExchanges(), 0U);
  EXPECT_EQ(sidecar_->worker().generations(), 1U);
  metrics::UpstreamSeries& series = sidecar_->series("orders");
  for (size_t direction = 0; direction < kDirectionCount; ++direction) {
    EXPECT_EQ(series.inFlight[direction].value(), 0);
    EXPECT_EQ(sidecar_->metrics().worker.downstreamConnections[direction].value(), 0);
  }
  EXPECT_EQ(series.connectionsActive.value(), 0);
  EXPECT_EQ(series.connectionsIdle.value(), 0);
  sidecar_->worker().forEachCluster([](const upstream::Cluster& cluster) {
    EXPECT_EQ(cluster.pending(), 0U);
    EXPECT_EQ(cluster.connections(), 0U);
    EXPECT_EQ(cluster.settings().requests->taken(), 0U);
    cluster.endpoints().forEach(
        [](const upstream::Endpoint& endpoint, const policy::Candidate&) { EXPECT_EQ(endpoint.leases(), 0U); });
  });
  for (const Upstream* upstream : upstreams_) EXPECT_EQ(upstream->connectionsOpen(), 0U);
}

class ChaosTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(ChaosTest, EveryRequestEndsOnceAndNothingIsLeftBehind) {
  constexpr uint64_t kPerTest = 20;
  for (uint64_t i = 0; i < kPerTest && !HasFailure(); ++i) {
    const uint64_t seed = GetParam() * kPerTest + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chaos(seed).run(150);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ChaosTest, ::testing::Range(uint64_t{0}, uint64_t{15}));

}  // namespace
}  // namespace outrigger::sim
