// Replay safety, enumerated: every order of events over up to three attempts, for each kind of request, through the
// whole worker; against an oracle that was written from the table of POLICIES §1 and knows nothing of the code. What it
// says: how often a request is tried, how often the application may have seen it, and what the caller is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

// ---- What can happen to an attempt

enum class Event : uint8_t {
  ConnectRefused,
  ConnectTimeout,
  ResetBeforeRead,    // accepted, and reset before the application has read an octet
  ResetAfterRead,     // read, and reset
  ClosedAfterCommit,  // carried out, and closed without an answer
  HalfAnswer,         // carried out, and lost in the middle of the answer
  Stale,              // a reused connection that was being closed when it was used
  BadGateway,
  Busy,
  BusyForASecond,  // Retry-After: 1
  BusyUntil,       // Retry-After: a date
  BusyForLong,     // Retry-After: longer than the time left
  NotForwarded,    // 503 of the sidecar before it, marked: the application saw nothing
  Forbidden,       // 503, marked: nobody should try again
  Silent,          // read, and the attempt timeout fires
  Ok,
};
constexpr size_t kEvents = 16;
constexpr std::array<const char*, kEvents> kEventNames{
    "connect refused",
    "connect timeout",
    "reset before read",
    "reset after read",
    "closed after commit",
    "half an answer",
    "stale",
    "502",
    "503",
    "503 for a second",
    "503 until",
    "503 for long",
    "503 not forwarded",
    "503 no retry",
    "silent",
    "200",
};

enum class Kind : uint8_t { Get, Put, Post, KeyedPost };
enum class Body : uint8_t { None, Small, Large };

struct Request {
  Kind kind;
  Body body;

  std::string method() const {
    switch (kind) {
      case Kind::Get: return "GET";
      case Kind::Put: return "PUT";
      case Kind::Post:
      case Kind::KeyedPost: break;
    }
    return "POST";
  }
  /// Large is more than `bufferBody`.
  std::string text() const { return std::string(body == Body::None ? 0 : body == Body::Small ? 100 : 3000, 'x'); }
};

using Order = std::vector<Event>;

// ---- The oracle

constexpr size_t kMostAttempts = 3;

struct Verdict {
  size_t attempts = 0;
  size_t seen = 0;  // by the application
  int status = 0;
  bool complete = true;
  const char* reason = "";  // of an answer of our own
  Duration atLeast{};       // that the application asked us to wait
  bool open = false;        // another attempt is made after all these
};

bool isReset(Event event) {
  return event == Event::ResetBeforeRead || event == Event::ResetAfterRead || event == Event::ClosedAfterCommit ||
         event == Event::Stale;
}
bool isUnsent(Event event) {
  return event == Event::ConnectRefused || event == Event::ConnectTimeout;
}
bool isStatus(Event event) {
  return event == Event::BadGateway || event == Event::Busy || event == Event::BusyForASecond ||
         event == Event::BusyUntil || event == Event::BusyForLong || event == Event::Forbidden;
}
bool isSeen(Event event) {
  return !isUnsent(event) && event != Event::ResetBeforeRead && event != Event::Stale && event != Event::NotForwarded;
}

// The table: may what ended so be sent again?
bool mayBeSentAgain(const Request& request, Event event) {
  if (isUnsent(event) || event == Event::NotForwarded) return true;
  const bool harmless = request.kind == Kind::Get || request.kind == Kind::Put;
  if (isStatus(event)) return harmless;
  return harmless || request.kind == Kind::KeyedPost;
}

bool anotherFollows(const Request& request, const Order& order, size_t at) {
  const Event event = order[at];
  if (event == Event::Ok || event == Event::HalfAnswer) return false;
  if (event == Event::BusyForLong || event == Event::Forbidden) return false;
  if (at + 1 == kMostAttempts || !mayBeSentAgain(request, event)) return false;
  if (isReset(event)) {
    for (size_t i = 0; i < at; ++i) {
      if (isReset(order[i])) return false;  // once per exchange
    }
  }
  return request.body != Body::Large || isUnsent(event);  // what was sent of a large body is not kept
}

void tellCaller(Event last, Verdict& verdict) {
  switch (last) {
    case Event::ConnectRefused: verdict.status = 503, verdict.reason = "connect-failed"; break;
    case Event::ConnectTimeout: verdict.status = 503, verdict.reason = "connect-timeout"; break;
    case Event::ResetBeforeRead:
    case Event::ResetAfterRead:
    case Event::ClosedAfterCommit:
    case Event::Stale: verdict.status = 502, verdict.reason = "upstream-reset"; break;
    case Event::HalfAnswer: verdict.status = 200, verdict.complete = false; break;
    case Event::BadGateway: verdict.status = 502; break;
    case Event::Busy:
    case Event::BusyForASecond:
    case Event::BusyUntil:
    case Event::BusyForLong:
    case Event::NotForwarded:
    case Event::Forbidden: verdict.status = 503; break;
    case Event::Silent: verdict.status = 504, verdict.reason = "attempt-timeout"; break;
    case Event::Ok: verdict.status = 200; break;
  }
}

Verdict judge(const Request& request, const Order& order) {
  Verdict verdict;
  for (size_t at = 0; at < order.size(); ++at) {
    ++verdict.attempts;
    verdict.seen += isSeen(order[at]);
    if (!anotherFollows(request, order, at)) {
      tellCaller(order[at], verdict);
      return verdict;
    }
    if (order[at] == Event::BusyForASecond) verdict.atLeast += 1s;
  }
  verdict.open = true;
  return verdict;
}

// ---- The run

std::string httpDate(WallTime when) {
  const time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

// Three endpoints of one application, behind sidecars that are believed. The first attempt goes to the first of them,
// and so on.
class Run {
 public:
  explicit Run(const Order& order) {
    for (const char* name : {"a", "b", "c"}) world_.upstream(name);
    sidecar_ = &world_.sidecar(
        "log: {access: all}\n"
        "policies: {default: {timeout: {request: 10s, attempt: 200ms, connect: 100ms},"
        " retry: {limit: 2, idempotencyKey: x-key, bufferBody: 1KiB}}}\n"
        "upstreams: {app: {sidecar: true, balance: round-robin, endpoints: ['${a}', '${b}', '${c}']}}");
    warmUp();
    for (size_t i = 0; i < order.size(); ++i) arrange(*inTurn_[i], order[i]);
    for (size_t i = 0; i < order.size(); ++i) {
      if (order[i] == Event::Stale) stale_.push_back(inTurn_[i]);
      if (order[i] == Event::NotForwarded) notForwarding_.push_back(inTurn_[i]);
    }
  }

  test::SeenResponse ask(const Request& request) {
    test::Headers headers;
    if (request.kind == Kind::KeyedPost) headers.emplace_back("x-key", "k");
    Client& client = sidecar_->connect();
    askedAt_ = world_.loop().now();
    client.request(request.method(), test::encodeRequest(request.method(), "app", "/pay", headers, request.text()));
    const auto answered = [&client] { return client.complete() > 0 || client.closed(); };
    for (Upstream* upstream : stale_) {
      world_.runUntil([&] { return answered() || isAskedNow(*upstream); });
      if (!answered()) upstream->closeIdle();  // its FIN and our request pass each other
    }
    world_.runUntil(answered);
    took_ = world_.loop().now() - askedAt_;
    world_.run(1s);  // nothing comes after the answer
    return client.responses().empty() ? test::SeenResponse{} : client.responses().front();
  }

  std::vector<test::SeenRequest> sightings() const {
    std::vector<test::SeenRequest> all;
    for (const Upstream* upstream : inTurn_) {
      if (std::ranges::find(notForwarding_, upstream) != notForwarding_.end()) continue;
      for (const auto& request : upstream->requests()) {
        if (request.target == "/pay") all.push_back(request);
      }
    }
    return all;
  }
  Duration took() const { return took_; }
  size_t attempts() const { return std::stoul(lastRecord(*sidecar_, "attempts")); }

 private:
  // Tells who is asked in which turn, and leaves a connection to each.
  void warmUp() {
    std::vector<Upstream*> all{&world_.upstream("a"), &world_.upstream("b"), &world_.upstream("c")};
    while (!all.empty()) {
      sidecar_->get("app", "/warm");
      const auto asked = std::ranges::find_if(all, [](const Upstream* upstream) { return upstream->hits() > 0; });
      ASSERT_NE(asked, all.end());
      inTurn_.push_back(*asked);
      all.erase(asked);
    }
  }

  void arrange(Upstream& upstream, Event event) {
    const std::string until = httpDate(world_.loop().turn().wall + 2s);
    if (event == Event::Stale) return;
    upstream.closeIdle();
    world_.run(1ms);
    switch (event) {
      case Event::ConnectRefused: upstream.down(); break;
      case Event::ConnectTimeout: world_.network().blackhole(upstream.address()); break;
      case Event::ResetBeforeRead:
        world_.network().listen(upstream.address(), [](std::unique_ptr<MemoryTransport> transport) {
          transport->close(Transport::CloseMode::Reset);
        });
        break;
      case Event::ResetAfterRead: upstream.resets(); break;
      case Event::ClosedAfterCommit: upstream.closes(); break;
      case Event::HalfAnswer: upstream.sends("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npai").andCloses(); break;
      case Event::BadGateway: upstream.replies(502); break;
      case Event::Busy: upstream.replies(503); break;
      case Event::BusyForASecond: upstream.replies(503, "busy", {{"retry-after", "1"}}); break;
      case Event::BusyUntil: upstream.replies(503, "busy", {{"retry-after", until}}); break;
      case Event::BusyForLong: upstream.replies(503, "busy", {{"retry-after", "60"}}); break;
      case Event::NotForwarded: upstream.replies(503, "", {{"outrigger-not-forwarded", "1"}}); break;
      case Event::Forbidden: upstream.replies(503, "", {{"outrigger-no-retry", "1"}}); break;
      case Event::Silent: upstream.hangs(); break;
      case Event::Stale:
      case Event::Ok: break;
    }
  }

  // The request has left for it, and is not there yet.
  bool isAskedNow(const Upstream& upstream) const {
    bool asked = false;
    sidecar_->worker().forEachCluster([&](const upstream::Cluster& cluster) {
      cluster.endpoints().forEach([&](const upstream::Endpoint& endpoint, const policy::Candidate&) {
        if (endpoint.address() == upstream.address()) asked = asked || endpoint.leases() > 0;
      });
    });
    return asked;
  }

  World world_;
  Sidecar* sidecar_ = nullptr;
  std::vector<Upstream*> inTurn_;
  std::vector<Upstream*> stale_;
  std::vector<const Upstream*> notForwarding_;
  Instant askedAt_{};
  Duration took_{};
};

// ---- All of it

std::string nameOf(const Request& request, const Order& order) {
  constexpr std::array<const char*, 4> kKinds{"GET", "PUT", "POST", "POST with a key"};
  constexpr std::array<const char*, 3> kBodies{"no body", "a small body", "a body over bufferBody"};
  std::string name = std::string(kKinds[static_cast<size_t>(request.kind)]) + " with " +
                     kBodies[static_cast<size_t>(request.body)] + ":";
  for (const Event event : order) name += std::string(" ") + kEventNames[static_cast<size_t>(event)] + ",";
  return name;
}

class Enumeration {
 public:
  explicit Enumeration(const Request& request) : request_(request) {}

  /// Checks every order that begins with `order`.
  void check(Order order = {}) {
    const Verdict verdict = judge(request_, order);
    if (!verdict.open) return checkOne(order, verdict);
    for (size_t event = 0; event < kEvents; ++event) {
      Order longer = order;
      longer.push_back(static_cast<Event>(event));
      check(std::move(longer));
    }
  }
  size_t checked() const { return checked_; }
  size_t thirds() const { return thirds_; }

 private:
  void checkOne(const Order& order, const Verdict& expected) {
    ++checked_;
    thirds_ += order.size() == kMostAttempts;
    SCOPED_TRACE(nameOf(request_, order));
    Run run(order);
    const test::SeenResponse response = run.ask(request_);
    EXPECT_EQ(response.status, expected.status);
    EXPECT_EQ(response.complete, expected.complete);
    EXPECT_EQ(response.reason(), expected.reason);
    EXPECT_EQ(run.attempts(), expected.attempts);
    EXPECT_GE(run.took(), expected.atLeast);
    const auto sightings = run.sightings();
    EXPECT_EQ(sightings.size(), expected.seen);
    for (const auto& seen : sightings) {
      EXPECT_EQ(seen.method, request_.method());
      EXPECT_EQ(seen.body, request_.text());
      EXPECT_EQ(seen.header("x-key"), request_.kind == Kind::KeyedPost ? "k" : "");
    }
  }

  Request request_;
  size_t checked_ = 0;
  size_t thirds_ = 0;
};

class ReplayEnumeration : public ::testing::TestWithParam<std::tuple<Kind, Body>> {};

TEST_P(ReplayEnumeration, IsAsTheTableSays) {
  Enumeration enumeration({std::get<0>(GetParam()), std::get<1>(GetParam())});
  enumeration.check();
  EXPECT_GE(enumeration.checked(), kEvents);
  std::printf("replay: %zu orders of events, %zu of them of three attempts\n", enumeration.checked(),
              enumeration.thirds());
}

std::string caseName(const ::testing::TestParamInfo<std::tuple<Kind, Body>>& info) {
  constexpr std::array<const char*, 4> kKinds{"Get", "Put", "Post", "KeyedPost"};
  constexpr std::array<const char*, 3> kBodies{"WithoutBody", "WithASmallBody", "WithALargeBody"};
  return std::string(kKinds[static_cast<size_t>(std::get<0>(info.param))]) +
         kBodies[static_cast<size_t>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(All, ReplayEnumeration,
                         ::testing::Combine(::testing::Values(Kind::Get, Kind::Put, Kind::Post, Kind::KeyedPost),
                                            ::testing::Values(Body::None, Body::Small, Body::Large)),
                         caseName);

}  // namespace
}  // namespace outrigger::sim
