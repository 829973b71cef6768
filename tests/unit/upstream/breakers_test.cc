#include "proxy/upstream/breakers.h"

#include <gtest/gtest.h>

#include <vector>

#include "proxy/policy/mode.h"

namespace outrigger::upstream {
namespace {

using policy::Breaker;
using policy::Grade;
using State = Breaker::State;

policy::PolicySettings settings(policy::BreakerSettings::Per per, policy::Mode mode = policy::Mode::Enforce) {
  policy::PolicySettings policy;
  policy.breaker->per = per;
  policy.mode = mode;
  return policy;
}
const policy::PolicySettings kPerUpstream = settings(policy::BreakerSettings::Per::Upstream);
const policy::PolicySettings kPerRoute = settings(policy::BreakerSettings::Per::Route);
const policy::PolicySettings kObserved = settings(policy::BreakerSettings::Per::Upstream, policy::Mode::Observe);

policy::PolicySettings without() {
  policy::PolicySettings policy;
  policy.breaker.reset();
  return policy;
}

class BreakersTest : public testing::Test, private BreakerEvents {
 protected:
  void configure(const policy::PolicySettings& policy) { breakers_.configure(policy); }
  std::shared_ptr<RouteState> route(const std::string& name) {
    auto state = routes_.get(name);
    breakers_.prepare(*state);
    return state;
  }

  /// One attempt that ends at once. False: refused.
  bool attempt(RouteState& route, Grade grade, bool again = false) {
    const auto ticket = breakers_.admit(route, again);
    if (ticket) breakers_.observe(route, *ticket, {.grade = grade});
    return ticket.has_value();
  }
  void open(RouteState& route) {
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(attempt(route, Grade::Failure));
    EXPECT_EQ(breakers_.worst()->state(), State::Open);
  }
  State shown() const { return static_cast<State>(series_.breakerState.value()); }
  uint64_t transitionsTo(State state) const { return series_.breakerTransitions[static_cast<size_t>(state)].value(); }
  uint64_t would() const { return series_.would[static_cast<size_t>(policy::Would::Open)].value(); }

  Turn turn_{Instant(1000s), WallTime(0s), 1};
  metrics::UpstreamSeries series_;
  RouteStates routes_;
  Breakers breakers_{turn_, series_, routes_, *this};
  std::shared_ptr<RouteState> create_ = routes_.get("create");
  std::shared_ptr<RouteState> list_ = routes_.get("list");
  std::vector<std::string> news_;

 private:
  void onBreakerChanged(const BreakerChange& change) override {
    news_.push_back(std::string(change.route) + (change.onlyWould ? " would " : " ") +
                    std::to_string(static_cast<int>(change.breaker.state())));
  }
};

TEST_F(BreakersTest, OneForAllRoutes) {
  configure(kPerUpstream);
  open(*create_);
  EXPECT_FALSE(attempt(*list_, Grade::Success));
  EXPECT_TRUE(breakers_.refuses(*list_));
  EXPECT_EQ(shown(), State::Open);
  EXPECT_EQ(news_, std::vector<std::string>{" 2"});
}

TEST_F(BreakersTest, EachRouteItsOwn) {
  configure(kPerRoute);
  open(*create_);
  EXPECT_FALSE(attempt(*create_, Grade::Success));
  EXPECT_TRUE(breakers_.refuses(*create_));
  EXPECT_TRUE(attempt(*list_, Grade::Success));
  EXPECT_FALSE(breakers_.refuses(*list_));
  EXPECT_EQ(news_, std::vector<std::string>{"create 2"});
}

TEST_F(BreakersTest, TheWorstRouteIsShownAndTransitionsAddUp) {
  configure(kPerRoute);
  open(*create_);
  open(*list_);
  turn_.now = create_->breaker->openUntil();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(attempt(*create_, Grade::Success));
  EXPECT_EQ(create_->breaker->state(), State::Closed);
  EXPECT_EQ(shown(), State::Open);
  turn_.now = list_->breaker->openUntil();
  EXPECT_TRUE(attempt(*list_, Grade::Success));
  EXPECT_EQ(shown(), State::HalfOpen);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(attempt(*list_, Grade::Success));
  EXPECT_EQ(shown(), State::Closed);
  EXPECT_EQ(transitionsTo(State::Open), 2U);
  EXPECT_EQ(transitionsTo(State::Closed), 2U);
}

TEST_F(BreakersTest, ARouteThatComesLaterHasOne) {
  configure(kPerRoute);
  const auto later = route("later");
  open(*later);
  EXPECT_FALSE(attempt(*later, Grade::Success));
}

TEST_F(BreakersTest, ARouteThatWentIsNotShown) {
  configure(kPerRoute);
  open(*create_);
  routes_.beginReload();
  configure(kPerRoute);
  list_ = route("list");
  breakers_.show();
  EXPECT_EQ(shown(), State::Closed);
  EXPECT_FALSE(attempt(*create_, Grade::Success)) << "for requests of the old snapshot it is open";
  create_ = route("create");
  breakers_.show();
  EXPECT_EQ(shown(), State::Open) << "it came back while somebody remembered it";
}

TEST_F(BreakersTest, LearnedStateSurvivesAReload) {
  configure(kPerRoute);
  for (int i = 0; i < 4; ++i) attempt(*create_, Grade::Failure);
  routes_.beginReload();
  configure(kPerRoute);
  attempt(*route("create"), Grade::Failure);
  EXPECT_FALSE(attempt(*create_, Grade::Success));
}

TEST_F(BreakersTest, AllBeginAnewWherePerChanges) {
  configure(kPerUpstream);
  open(*create_);
  configure(kPerRoute);
  breakers_.show();
  EXPECT_EQ(shown(), State::Closed);
  EXPECT_TRUE(attempt(*create_, Grade::Success));
  open(*create_);
  configure(kPerUpstream);
  EXPECT_TRUE(attempt(*create_, Grade::Success));
  configure(kPerRoute);
  EXPECT_TRUE(attempt(*create_, Grade::Success));
}

TEST_F(BreakersTest, NoneRefusesNothing) {
  configure(without());
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(attempt(*create_, Grade::Failure));
  EXPECT_EQ(breakers_.worst(), nullptr);
  EXPECT_FALSE(breakers_.refuses(*create_));
}

// What was admitted before there was a breaker, or by another one, says nothing to this one.
TEST_F(BreakersTest, TicketsFromBeforeItWasThereSayNothing) {
  configure(without());
  std::vector<Breaker::Ticket> old;
  for (int i = 0; i < 20; ++i) old.push_back(*breakers_.admit(*create_, false));
  configure(kPerUpstream);
  for (const auto& ticket : old) breakers_.observe(*create_, ticket, {.grade = Grade::Failure});
  EXPECT_EQ(breakers_.worst()->state(), State::Closed);
}

TEST_F(BreakersTest, SiblingsOfARouteAreFollowed) {
  configure(kPerRoute);
  breakers_.adopt("create", State::Open, turn_.now + 400ms);
  EXPECT_TRUE(breakers_.refuses(*create_));
  EXPECT_FALSE(breakers_.refuses(*list_));
  EXPECT_EQ(shown(), State::Open);
  breakers_.adopt("create", State::Closed, {});
  EXPECT_FALSE(breakers_.refuses(*create_));
  breakers_.adopt("", State::Open, turn_.now + 400ms);         // from before the reload
  breakers_.adopt("unknown", State::Open, turn_.now + 400ms);  // a route that is here no more
  EXPECT_EQ(shown(), State::Closed);
  EXPECT_TRUE(news_.empty()) << "they have told it already";
}

TEST_F(BreakersTest, ARetiredUpstreamShowsNothing) {
  configure(kPerUpstream);
  open(*create_);
  breakers_.retire();
  EXPECT_EQ(shown(), State::Closed);
  turn_.now = breakers_.worst()->openUntil();
  attempt(*create_, Grade::Success);
  EXPECT_EQ(shown(), State::Closed);
}

// ---- Observed

TEST_F(BreakersTest, ObservedOnesRefuseNothingAndCountIt) {
  configure(kObserved);
  open(*create_);
  const uint64_t before = would();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(attempt(*create_, Grade::Failure));
  EXPECT_EQ(would() - before, 100U);
  EXPECT_FALSE(breakers_.refuses(*create_));
  EXPECT_EQ(shown(), State::Open);
  EXPECT_EQ(news_, std::vector<std::string>{" would 2"});
}

TEST_F(BreakersTest, ARequestIsCountedOnceHoweverOftenItIsTried) {
  configure(kObserved);
  open(*create_);
  const uint64_t before = would();
  EXPECT_TRUE(attempt(*create_, Grade::Failure));
  EXPECT_TRUE(attempt(*create_, Grade::Failure, true));
  EXPECT_TRUE(attempt(*create_, Grade::Failure, true));
  EXPECT_EQ(would() - before, 1U);
}

// The same decisions as if it were obeyed: its probes are the only ones that it listens to.
TEST_F(BreakersTest, ObservedOnesChangeAsEnforcedOnesDo) {
  const auto run = [this](const policy::PolicySettings& policy) {
    configure(without());
    configure(policy);
    turn_.now = Instant(1000s);
    turn_.rng = Rng(7);
    news_.clear();
    std::vector<std::pair<Instant, State>> changes;
    for (int i = 0; i < 4000; ++i) {
      attempt(*create_, i > 1000 && i < 2000 ? Grade::Failure : Grade::Success);
      turn_.now += 5ms;
      if (news_.size() > changes.size()) changes.emplace_back(turn_.now, breakers_.worst()->state());
    }
    return changes;
  };
  const auto enforced = run(kPerUpstream);
  EXPECT_GE(enforced.size(), 9U);
  EXPECT_EQ(run(kObserved), enforced);
}

TEST_F(BreakersTest, FromObservedToEnforcedTheStateStays) {
  configure(kObserved);
  open(*create_);
  configure(kPerUpstream);
  EXPECT_FALSE(attempt(*create_, Grade::Success));
}

}  // namespace
}  // namespace outrigger::upstream
