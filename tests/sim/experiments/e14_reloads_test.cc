// E14, its simulated part: reloads under traffic fail nothing, slow nothing down, keep what was learned and leave no
// memory behind; a bad file is refused with the place of its error.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "tests/support/sim/callers.h"
#include "tests/support/sim/experiment.h"

namespace outrigger::sim {
namespace {

// Numbered, so that each differs from the one before.
std::string config(int number) {
  const std::string text = std::to_string(number);
  return "log: {access: none}\n"
         "policies: {default: {eject: {baseTime: 5m}, breaker: {open: 5m, maxOpen: 5m}, limits: {requests: " +
         std::to_string(4000 + number % 7) +
         "}}}\n"
         "upstreams:\n"
         "  orders: {endpoints: ['${a}', '${b}', '${c}']}\n"
         "  down: {endpoints: ['${down}']}\n"
         "routes: [{name: r" +
         text + ", match: {path: /r" + text + "}, respond: {status: 204}}]\n";
}

class Shop {
 public:
  explicit Shop(uint64_t seed) : world_(seed), rng_(seed) {
    for (const char* name : {"a", "b", "c"}) world_.service(name).takes(Law::lognormal(4ms, 0.5));
    world_.service("down").fails(1);
    restart();
  }
  void restart() { sidecar_ = &world_.sidecar(config(reloads_)); }

  /// One endpoint is ejected and comes back to life, the other upstream's breaker opens.
  void learn() {
    world_.service("c").fails(1, Service::Failure::Reset);
    Callers callers(world_, *sidecar_, {.perSecond = 2000, .host = "orders"});
    callers.run(1s);
    world_.service("c").fails(0);
    for (int i = 0; i < 40 && !breakerIsOpen(); ++i) sidecar_->get("down", "/");
  }
  /// Traffic for so long, and a reload every 20 ms, or none.
  Callers& run(Duration span, bool reloads) {
    callers_.push_back(
        std::make_unique<Callers>(world_, *sidecar_, Callers::Load{.perSecond = 2000, .host = "orders"}));
    callers_.back()->start(span);
    for (Duration at = 20ms; at <= span; at += 20ms) {
      world_.run(20ms);
      if (reloads) reload();
    }
    callers_.back()->finish();
    return *callers_.back();
  }
  void reload() {
    EXPECT_EQ(sidecar_->reload(config(++reloads_)), "");
    mostGenerations_ = std::max(mostGenerations_, sidecar_->worker().generations());
  }

  /// The present config with a few slips in it.
  std::string broken() {
    constexpr Bytes kPieces[] = {"{", "}", "[", "]", ": ", "- ", "\n", "\t", "\"", "'", "&a", "*a", "|", ",", "x", "0"};
    std::string text = config(reloads_);
    for (uint64_t i = 0; i <= rng_.below(4); ++i) {
      const size_t place = rng_.below(text.size());
      switch (rng_.below(4)) {
        case 0: text.insert(place, kPieces[rng_.below(std::size(kPieces))]); break;
        case 1: text.erase(place, 1 + rng_.below(12)); break;
        case 2: text[place] = static_cast<char>(rng_.below(256)); break;
        default: text.insert(place, text.substr(rng_.below(text.size()), rng_.below(60))); break;
      }
    }
    return text;
  }

  bool breakerIsOpen() { return sidecar_->series("down").breakerState.value() == 2; }
  bool isEjected() {
    const auto ejected = static_cast<size_t>(policy::EndpointRecord::State::Ejected);
    return sidecar_->series("orders").endpoints[ejected].value() == 1;
  }
  /// What an endpoint that is ejected and an upstream whose breaker is open have been sent.
  size_t sentToTheDead() { return world_.service("c").counters().begun + world_.service("down").counters().begun; }

  World& world() { return world_; }
  Sidecar& sidecar() { return *sidecar_; }
  size_t mostGenerations() const { return mostGenerations_; }
  int reloads() const { return reloads_; }

 private:
  World world_;
  Rng rng_;
  Sidecar* sidecar_ = nullptr;
  std::vector<std::unique_ptr<Callers>> callers_;
  int reloads_ = 0;
  size_t mostGenerations_ = 0;
};

TEST(Experiment, E14TwoHundredReloadsAreNotNoticed) {
  Experiment experiment("e14");
  for (const uint64_t seed : Experiment::seeds()) {
    Shop shop(seed);
    shop.learn();
    ASSERT_TRUE(shop.isEjected());
    ASSERT_TRUE(shop.breakerIsOpen());
    const size_t sentBefore = shop.sentToTheDead();
    const Callers& quiet = shop.run(4s, false);
    const size_t exchangesBefore = shop.sidecar().worker().exchanges();
    const Callers& busy = shop.run(4s, true);
    EXPECT_EQ(shop.reloads(), 200);
    EXPECT_EQ(shop.sidecar().get("down", "/").reason(), "breaker-open");

    experiment.at("no reload", seed, Side::Naive);
    experiment.note("p99", 1000 * seconds(quiet.percentile(99)), "ms");
    experiment.at("200 reloads in 4 s, 2,000 rps", seed);
    experiment.note("p99", 1000 * seconds(busy.percentile(99)), "ms");
    experiment.atMost("requests that failed", busy.sent() - busy.tally().good, "", 0);
    experiment.atMost("p99, of that without reloads", seconds(busy.percentile(99)) / seconds(quiet.percentile(99)), "x",
                      1.1);
    experiment.atMost("requests sent to what was known to be down", shop.sentToTheDead() - sentBefore, "", 0);
    experiment.atMost("snapshots alive at once", shop.mostGenerations(), "", 60);
    shop.world().run(3s);  // old ones are let go once a second
    experiment.atMost("snapshots alive in the end", shop.sidecar().worker().generations(), "", 1);
    experiment.atMost("exchanges kept, more than before",
                      static_cast<double>(shop.sidecar().worker().exchanges()) - static_cast<double>(exchangesBefore),
                      "", 0);
    experiment.atLeast("snapshots given back", shop.sidecar().retired(), "", 200);
  }
}

// As a proxy that starts anew with each config: what it knew is gone.
TEST(Experiment, E14WhoStartsAnewAsksTheDeadAgain) {
  Experiment experiment("e14");
  for (const uint64_t seed : Experiment::seeds()) {
    Shop shop(seed);
    shop.learn();
    const size_t sentBefore = shop.sentToTheDead();
    shop.restart();
    shop.run(1s, false);
    EXPECT_NE(shop.sidecar().get("down", "/").reason(), "breaker-open");
    experiment.at("a new process, 1 s", seed, Side::Naive);
    experiment.atLeast("requests sent to what was known to be down", shop.sentToTheDead() - sentBefore, "", 100);
  }
}

TEST(Experiment, E14BadFilesAreRefusedWithAPlace) {
  Experiment experiment("e14");
  const auto wanted = Experiment::shortOrFull<size_t>(200, 1000);
  const std::regex place("outrigger\\.yaml:[1-9][0-9]*:[1-9][0-9]* OR[1-3][0-9][0-9] [^]*");
  for (const uint64_t seed : Experiment::seeds()) {
    Shop shop(seed);
    shop.learn();
    size_t refused = 0;
    size_t placed = 0;
    for (size_t tries = 0; refused < wanted && tries < 20 * wanted; ++tries) {
      const std::string why = shop.sidecar().reload(shop.broken());
      if (why.empty()) {
        shop.reload();  // what went wrong has done no harm, or none that shows: back to what is meant
        continue;
      }
      ++refused;
      placed += std::regex_match(why, place);
    }
    EXPECT_EQ(refused, wanted);
    experiment.at("fuzzed files", seed);
    experiment.atMost("refused without the place of an error", refused - placed, "", 0);
    const auto tally = shop.run(1s, false).tally();
    experiment.atMost("requests that failed afterwards", tally.sent - tally.good, "", 0);
  }
}

}  // namespace
}  // namespace outrigger::sim
