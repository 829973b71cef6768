// E2: client → A → B → C, a sidecar at each hop. C hangs for a second now and then, A thinks for too long; the client
// waits for 200 ms. Nobody must begin what is worthless by then, and who works on it must hear of that: also through
// apps, which know nothing of deadlines and only forward their request's id.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/sim/app.h"
#include "tests/support/sim/callers.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

constexpr Duration kPatience = 200ms;

/// How the services hear that the client has gone.
enum class News {
  Deadline,  ///< it said before how long it would wait
  Reset,     ///< it resets its connection
  Fin,       ///< it closes its connection, which may as well mean that it has no more to say
  None,      ///< it resets its connection, but the apps forward no id
};

std::string config(const std::string& app, const std::string& next) {
  std::string text = "log: {access: none}\napp: {address: '${" + app + "}'}\n";
  if (!next.empty()) text += "upstreams: {" + next + ": {endpoints: ['${" + next + "_sidecar}'], sidecar: true}}";
  return text;
}

class Chain {
 public:
  Chain(News news, bool late, uint64_t seed)
      : world_(seed), a_(world_.service("a")), b_(world_.service("b")), c_(world_.service("c")) {
    a_.takes(Law::constant(1ms).plus(250ms, late ? 0.1 : 0));  // and asks B all the same
    b_.takes(Law::constant(1ms));
    c_.takes(Law::constant(5ms).plus(1s, 0.3)).noticesClose();
    for (const char* sidecar : {"a_sidecar", "b_sidecar", "c_sidecar"}) world_.address(sidecar);
    for (const auto& [app, next] : {std::pair("a", "b"), {"b", "c"}, {"c", ""}}) {
      sidecars_.push_back(&world_.sidecar(config(app, next)));
      sidecars_.back()->listen(Direction::Inbound, world_.address(std::string(app) + "_sidecar"));
    }
    appA_ = std::make_unique<App>(world_, a_, *sidecars_[0], "b");
    appB_ = std::make_unique<App>(world_, b_, *sidecars_[1], "c");
    if (news == News::None) {
      appA_->forwardNothing();
      appB_->forwardNothing();
    }
    Callers::Load load{.perSecond = 500, .host = "a"};
    if (news == News::Deadline) {
      load.fields = [](std::string& head, uint64_t) { head += "outrigger-timeout-ms: 200\r\n"; };
    } else {
      load.patience = kPatience;
      if (news != News::Fin) load.leavesBy = Transport::CloseMode::Reset;
    }
    clients_ = std::make_unique<Callers>(world_, world_.address("a_sidecar"), load);
    for (Service* service : {&b_, &c_}) service->onArrival([this](const Service::Job& job) { onArrival(job); });
    c_.onWorked([this](const Service::Job& job) { onWorked(job); });
  }

  void run(Duration span) {
    clients_->start(span);
    world_.run(span);
    // Behind the last request come only the answers of those that hang: a run of failures, whoever else is well.
    breakerTransitions_ = countBreakerTransitions();
    clients_->finish();
    world_.run(3s);
  }

  size_t sentAfterExpiry() const { return sentAfterExpiry_; }
  double wastedPercent() const { return 100 * wasted_ / worked_; }
  double requestsWorkedOnInVain() const {
    return 100 * static_cast<double>(lags_.size()) / static_cast<double>(clients_->sent());
  }
  /// How long C went on working for clients that had gone.
  double lag(double percent) {
    if (lags_.empty()) return 0;
    std::ranges::sort(lags_);
    return 1000 * lags_[static_cast<size_t>(std::ceil(percent / 100 * static_cast<double>(lags_.size()))) - 1];
  }
  size_t cancels() const { return lags_.size(); }
  /// While requests came.
  uint64_t breakerTransitions() const { return breakerTransitions_; }
  const Callers& clients() const { return *clients_; }

 private:
  uint64_t countBreakerTransitions() {
    uint64_t sum = 0;
    for (const auto& to : sidecars_[0]->series("b").breakerTransitions) sum += to.value();
    for (const auto& to : sidecars_[1]->series("c").breakerTransitions) sum += to.value();
    return sum;
  }
  Instant goneAt(const Service::Job& job) const {
    return clients_->samples()[numberIn(job.field(kNumberHeader), 0)].sentAt + kPatience;
  }
  void onArrival(const Service::Job& job) {
    if (job.arrivedAt - 2 * world_.network().latency() > goneAt(job)) ++sentAfterExpiry_;  // app, sidecar, app
  }
  void onWorked(const Service::Job& job) {
    const Instant now = world_.loop().now();
    const Instant gone = goneAt(job);
    worked_ += seconds(now - job.startedAt);
    if (now <= gone) return;
    wasted_ += seconds(now - std::max(job.startedAt, gone));
    lags_.push_back(seconds(now - gone));
  }

  World world_;
  Service& a_;
  Service& b_;
  Service& c_;
  std::vector<Sidecar*> sidecars_;
  std::unique_ptr<App> appA_;
  std::unique_ptr<App> appB_;
  std::unique_ptr<Callers> clients_;
  size_t sentAfterExpiry_ = 0;
  uint64_t breakerTransitions_ = 0;
  double worked_ = 0;  // by C, in seconds
  double wasted_ = 0;
  std::vector<double> lags_;
};

Duration span() {
  return Experiment::shortOrFull<Duration>(10s, 60s);
}

TEST(Experiment, E2NobodyWorksForWhoHasGone) {
  Experiment experiment("e02");
  for (const auto& [news, setting] :
       {std::pair(News::Deadline, "a deadline of 200 ms"), {News::Reset, "resets after 200 ms"}}) {
    for (const uint64_t seed : Experiment::seeds()) {
      Chain chain(news, false, seed);
      chain.run(span());
      experiment.at(setting, seed);
      experiment.atMost("attempts sent after the client has gone", chain.sentAfterExpiry(), "", 0);
      experiment.atLeast("clients that leave while C works", chain.cancels(), "", 50);
      experiment.atMost("until C hears of it, p99", chain.lag(99), "ms", 5);
      experiment.atMost("work of C for who has gone", chain.wastedPercent(), "%", 1);
      experiment.atMost("transitions of breakers", chain.breakerTransitions(), "", 0);
      experiment.note("clients who were answered in time", 100 * chain.clients().tally().goodShare(), "%");
    }
  }
}

// What an app begins once its own request has ended is tied to nothing any more.
TEST(Experiment, E2AnAppThatAsksTooLate) {
  Experiment experiment("e02");
  for (const uint64_t seed : Experiment::seeds()) {
    Chain chain(News::Deadline, true, seed);
    chain.run(span());
    experiment.at("a deadline of 200 ms; A thinks for 250 ms in 10 %", seed);
    experiment.atMost("attempts sent after the client has gone", chain.sentAfterExpiry(), "", 0);
    experiment.atMost("transitions of breakers", chain.breakerTransitions(), "", 0);
  }
}

// Whether a caller that sends FIN has left is only known after a while (decision 002).
TEST(Experiment, E2AfterAFinCLearnsALittleLater) {
  Experiment experiment("e02");
  for (const uint64_t seed : Experiment::seeds()) {
    Chain chain(News::Fin, false, seed);
    chain.run(span());
    experiment.at("closes after 200 ms", seed);
    experiment.atMost("until C hears of it, p99", chain.lag(99), "ms", 65);
    experiment.atMost("transitions of breakers", chain.breakerTransitions(), "", 0);
  }
}

TEST(Experiment, E2WithoutNewsNearlyAThirdIsWorkedOnInVain) {
  Experiment experiment("e02");
  for (const uint64_t seed : Experiment::seeds()) {
    Chain chain(News::None, true, seed);
    chain.run(span());
    experiment.at("resets after 200 ms, no id is forwarded; A thinks for 250 ms in 10 %", seed, Side::Naive);
    experiment.atLeast("requests that C works on in vain", chain.requestsWorkedOnInVain(), "%", 25);
    experiment.atLeast("attempts sent after the client has gone", chain.sentAfterExpiry(), "", 100);
    experiment.note("work of C for who has gone", chain.wastedPercent(), "%");
    experiment.note("until C hears of it, p99", chain.lag(99), "ms");
    experiment.note("clients who were answered in time", 100 * chain.clients().tally().goodShare(), "%");
  }
}

}  // namespace
}  // namespace outrigger::sim
