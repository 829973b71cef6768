// E18: payments against a ledger that crashes at every possible point. Nothing is submitted twice that the ledger may
// have seen, and what it provably has not seen goes through all the same.
//
// Two ledgers share the work, and one of them crashes in 3 of 100 requests: before it has read the request, after that,
// after the commit and before the reply, in the middle of the reply, by refusing connections, by saying 503; each as
// often as the others, or half of all crashes after the commit. Ejection is off: it would rightly take the one that
// crashes out, and there would be little left to see. The control is "retry 5xx and resets twice", as many a client
// library does. What was read twice and what was carried out twice are told apart: a proxy cannot know the difference.
#include <gtest/gtest.h>

#include "tests/support/sim/experiment.h"
#include "tests/support/sim/world.h"

namespace outrigger::sim {
namespace {

enum class Crash : uint8_t { BeforeRead, AfterRead, AfterCommit, MidReply, Refuses, Busy };
constexpr size_t kCrashes = 6;

const std::string kOurs = "retry: {idempotencyKey: x-key}";
const std::string kNaive = "retry: {limit: 2, methods: [GET, PUT, POST, DELETE], when: [unsent, reset, timeout, 5xx]}";

struct Plan {
  std::string method = "POST";
  bool keyed = false;
  bool mostlyAfterCommit = false;
  std::string retry = kOurs;
};

struct Result {
  size_t asked = 0;
  size_t crashed = 0;
  size_t good = 0;
  size_t cut = 0;         // in the middle of an answer whose head had gone downstream
  size_t unsent = 0;      // what met a ledger that refused its connection
  size_t unsentGood = 0;  // and was carried out all the same
  size_t readTwice = 0;
  size_t doneTwice = 0;
};

class Ledger {
 public:
  Ledger(uint64_t seed, const Plan& plan) : world_(seed), rng_(seed * 31), plan_(plan) {
    sidecar_ = &world_.sidecar("log: {access: none}\npolicies: {default: {eject: none, " + plan.retry +
                               "}}\nupstreams: {ledger: {endpoints: ['${a}', '${b}']}}");
  }

  Result ask(size_t count) {
    for (size_t i = 0; i < count; ++i) askOnce();
    return result_;
  }

 private:
  void askOnce() {
    const bool crashes = rng_.chance(0.052);  // every other request goes to the healthy one
    const Crash crash = drawCrash();
    if (crashes) arrange(crash);
    const uint64_t connectsBefore = failedConnects();
    const size_t aBefore = a_.hits();
    const size_t bBefore = b_.hits();
    const test::SeenResponse response = send();
    world_.run(2ms);  // all that is still to come has come
    const size_t atA = a_.hits() - aBefore;
    const size_t atB = b_.hits() - bBefore;
    const bool refused = failedConnects() > connectsBefore;
    const bool crashed = crashes && (atA > 0 || refused);
    const bool wasRead = !crashed || crash != Crash::BeforeRead;
    const bool wasDone = !crashed || crash == Crash::AfterCommit || crash == Crash::MidReply || refused;
    const bool good = response.complete && response.status == 200;
    ++result_.asked;
    result_.crashed += crashed;
    result_.good += good;
    result_.cut += !response.complete && response.status == 200;
    result_.unsent += refused;
    result_.unsentGood += refused && good;
    result_.readTwice += atA + atB - !wasRead > 1;
    result_.doneTwice += atA + atB - !wasDone > 1;
    if (crashes) heal();
  }

  Crash drawCrash() {
    if (plan_.mostlyAfterCommit && rng_.chance(0.4)) return Crash::AfterCommit;  // 0.4 + 0.6 / 6
    return static_cast<Crash>(rng_.below(kCrashes));
  }
  void arrange(Crash crash) {
    switch (crash) {
      case Crash::BeforeRead: a_.early().resets().then(200); break;
      case Crash::AfterRead: a_.resets().then(200); break;
      case Crash::AfterCommit: a_.closes().then(200); break;
      case Crash::MidReply: a_.sends("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npai").andCloses().then(200); break;
      case Crash::Refuses: a_.down(); break;
      case Crash::Busy: a_.replies(503).then(200); break;
    }
  }
  void heal() {
    a_.up();
    a_.whole().replies(200);
  }
  test::SeenResponse send() {
    test::Headers headers{{kNumberHeader, std::to_string(result_.asked)}};
    if (plan_.keyed) headers.emplace_back("x-key", headers[0].second);
    return sidecar_->request(plan_.method, "ledger", "/pay", headers, plan_.method == "POST" ? "1 euro" : "");
  }
  uint64_t failedConnects() {
    return sidecar_->series("ledger").connects[static_cast<size_t>(metrics::ConnectResult::Failed)].value();
  }

  World world_;
  Rng rng_;
  Plan plan_;
  Upstream& a_ = world_.upstream("a");
  Upstream& b_ = world_.upstream("b");
  Sidecar* sidecar_ = nullptr;
  Result result_;
};

double percent(size_t part, size_t whole) {
  return whole == 0 ? 100 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

class E18 : public ::testing::TestWithParam<uint64_t> {
 protected:
  Result run(const Plan& plan, const std::string& setting, Side side = Side::Ours) {
    const size_t count = Experiment::shortOrFull<size_t>(5000, 20000);
    const Result result = Ledger(GetParam(), plan).ask(count);
    experiment_.at(setting, GetParam(), side);
    experiment_.atMost("crashes", percent(result.crashed, result.asked), "%", 3);
    return result;
  }
  void tellUnsent(const Result& result) {
    EXPECT_GE(result.unsent, 5U);
    experiment_.atLeast("unsent ones carried out", percent(result.unsentGood, result.unsent), "%", 99);
  }

  Experiment experiment_{"e18"};
};

TEST_P(E18, NoPaymentIsSubmittedTwice) {
  for (const bool mostlyAfterCommit : {false, true}) {
    const std::string setting = mostlyAfterCommit ? "POST, half crash after the commit" : "POST";
    const Result ours = run({.mostlyAfterCommit = mostlyAfterCommit}, setting);
    experiment_.atMost("read twice", static_cast<double>(ours.readTwice), "", 0);
    experiment_.atMost("carried out twice", static_cast<double>(ours.doneTwice), "", 0);
    tellUnsent(ours);
    experiment_.note("good", percent(ours.good, ours.asked), "%");
    EXPECT_LT(ours.good, ours.asked) << "what may have been carried out is told to the caller";
    const Result naive =
        run({.mostlyAfterCommit = mostlyAfterCommit, .retry = kNaive}, setting + ", 5xx and resets twice", Side::Naive);
    experiment_.atLeast("read twice", percent(naive.readTwice, naive.asked), "%", 1);
    experiment_.atLeast("carried out twice", percent(naive.doneTwice, naive.asked), "%", mostlyAfterCommit ? 1 : 0.25);
    experiment_.note("good", percent(naive.good, naive.asked), "%");
  }
}

// The ledger knows the key, so what it reads twice it carries out once, and nearly all payments go through: only a cut
// answer and a 503 of the application itself are final.
TEST_P(E18, PaymentsWithAKeyAreSubmittedAgain) {
  const Result ours = run({.keyed = true}, "POST with a key");
  EXPECT_GT(ours.readTwice, 0U);
  tellUnsent(ours);
  experiment_.atLeast("good", percent(ours.good, ours.asked), "%", 98.5);
}

TEST_P(E18, QueriesHardlyNoticeTheCrashes) {
  const Result ours = run({.method = "GET"}, "GET");
  experiment_.note("cut in the middle of an answer", percent(ours.cut, ours.asked), "%");
  experiment_.atLeast("good, of those not cut", percent(ours.good, ours.asked - ours.cut), "%", 99.9);
}

INSTANTIATE_TEST_SUITE_P(Seeds, E18, ::testing::ValuesIn(Experiment::seeds()));

}  // namespace
}  // namespace outrigger::sim
