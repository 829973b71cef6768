// E18 in virtual time: payments against a ledger that crashes at every possible point. Nothing is submitted twice.
#include <gtest/gtest.h>

#include <map>

#include "tests/support/sim/records.h"

namespace outrigger::sim {
namespace {

enum class Crash { BeforeRead, AfterRead, AfterCommit, MidReply, Refuses, Busy };
constexpr size_t kCrashes = 6;

class Ledger {
 public:
  explicit Ledger(uint64_t seed) : world_(seed), rng_(seed * 31) {
    sidecar_ = &world_.sidecar(
        "policies: {default: {retry: {idempotencyKey: x-key}}}\n"
        "upstreams: {ledger: {endpoints: ['${a}', '${b}']}}");
  }

  struct Result {
    size_t good = 0;
    size_t cut = 0;  // in the middle of an answer whose head had gone downstream
    size_t asked = 0;
    size_t unsent = 0;      // what met a ledger that refused its connection
    size_t unsentGood = 0;  // and was carried out all the same
    size_t twice = 0;       // seen by the ledger more than once
  };

  /// In 3 of 100 requests the first ledger crashes once.
  Result ask(const std::string& method, bool keyed, size_t count) {
    Result result;
    for (size_t i = 0; i < count; ++i) {
      const bool crashes = rng_.chance(0.06);  // every other request goes to the healthy one
      const auto crash = static_cast<Crash>(rng_.below(kCrashes));
      if (crashes) arrange(crash);
      const uint64_t connectsBefore = failedConnects();
      const test::SeenResponse response = askOnce(method, keyed);
      const bool good = response.complete && response.status == 200;
      const bool refused = failedConnects() > connectsBefore;
      ++result.asked;
      result.good += good;
      result.cut += !response.complete && response.status == 200;
      result.unsent += refused;
      result.unsentGood += refused && good;
      if (crashes) heal();
      world_.run(2ms);
    }
    for (const auto& [number, seen] : sightings(method)) result.twice += seen > 1;
    return result;
  }

 private:
  void arrange(Crash crash) {
    switch (crash) {
      case Crash::BeforeRead: a_.early().resets().then(200); break;
      case Crash::AfterRead: a_.resets().then(200); break;
      case Crash::AfterCommit: a_.closes().then(200); break;
      case Crash::MidReply:
        a_.sends("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npai").then(200);
        world_.loop().in(3ms, [this] { a_.closeIdle(); });
        break;
      case Crash::Refuses: a_.down(); break;
      case Crash::Busy: a_.replies(503).then(200); break;
    }
  }
  void heal() {
    a_.up();
    a_.whole().replies(200);
  }
  test::SeenResponse askOnce(const std::string& method, bool keyed) {
    test::Headers headers{{kNumberHeader, std::to_string(number_++)}};
    if (keyed) headers.emplace_back("x-key", headers[0].second);
    return sidecar_->request(method, "ledger", "/pay", headers, method == "POST" ? "1 euro" : "");
  }
  uint64_t failedConnects() {
    return sidecar_->series("ledger").connects[static_cast<size_t>(metrics::ConnectResult::Failed)].value();
  }
  std::map<std::string, size_t> sightings(const std::string& method) {
    std::map<std::string, size_t> seen;
    for (const Upstream* ledger : {&a_, &b_}) {
      for (const auto& request : ledger->begun()) {
        if (request.method == method) ++seen[request.header(kNumberHeader)];
      }
    }
    return seen;
  }

  World world_;
  Rng rng_;
  Upstream& a_ = world_.upstream("a");
  Upstream& b_ = world_.upstream("b");
  Sidecar* sidecar_ = nullptr;
  size_t number_ = 0;
};

double percent(size_t part, size_t whole) {
  return whole == 0 ? 100 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void print(const char* what, uint64_t seed, const Ledger::Result& r) {
  std::printf(
      "E18 (simulated): %s, seed %d: %zu, good %.2f %%, cut %zu, sent twice %zu, unsent ones carried out %zu of %zu\n",
      what, static_cast<int>(seed), r.asked, percent(r.good, r.asked), r.cut, r.twice, r.unsentGood, r.unsent);
}

constexpr size_t kRequests = 5000;

class LedgerTest : public testing::TestWithParam<uint64_t> {};

TEST_P(LedgerTest, NoPaymentIsSubmittedTwice) {
  const Ledger::Result result = Ledger(GetParam()).ask("POST", false, kRequests);
  print("POST", GetParam(), result);
  EXPECT_EQ(result.twice, 0U);
  EXPECT_GE(result.unsent, 10U);
  EXPECT_GE(percent(result.unsentGood, result.unsent), 99);
  EXPECT_LT(result.good, result.asked) << "what may have been carried out is told to the caller";
}

// The ledger knows the key, so a second submission is harmless, and nearly all payments go through.
TEST_P(LedgerTest, PaymentsWithAKeyAreSubmittedAgain) {
  const Ledger::Result result = Ledger(GetParam()).ask("POST", true, kRequests);
  print("POST with a key", GetParam(), result);
  EXPECT_GT(result.twice, 0U);
  EXPECT_GE(percent(result.good, result.asked), 98.5) << "a cut answer and a 503 of the application are final";
}

TEST_P(LedgerTest, QueriesHardlyNoticeTheCrashes) {
  const Ledger::Result result = Ledger(GetParam()).ask("GET", false, kRequests);
  print("GET", GetParam(), result);
  EXPECT_GE(percent(result.good + result.cut, result.asked), 99.9) << "a head that has gone downstream is final";
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerTest, testing::Values(1, 2, 3));

}  // namespace
}  // namespace outrigger::sim
