// Discovery in Kubernetes against a scripted API server, in virtual time: what is found, and what becomes of it when
// the server forgets, cuts, lies, refuses, or falls silent.
#include "control/discovery/kubernetes_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "control/discovery/kubernetes_sources.h"
#include "tests/support/discovery_run.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {
namespace {

using control::discovery::Found;
using control::discovery::KubernetesSource;
using control::outcall::Client;
using control::outcall::Peer;
using testing::FakeEndpoint;
using testing::FakeKubernetes;

class KubernetesTest : public ::testing::Test, private control::discovery::SourceEvents {
 protected:
  KubernetesTest() {
    api_.server.poke = [this] { loop_.in(0s, [] {}); };
    come();
  }
  ~KubernetesTest() override {
    std::error_code ignored;
    std::filesystem::remove(tokenFile_, ignored);
  }

  void come() {
    network_.listen(kAddress, [this](auto transport) { api_.server.serve(std::move(transport)); });
  }
  void go() {
    network_.close(kAddress);
    api_.cut();
  }

  void follow(const std::string& tokenFile = "") {
    client_ = std::make_unique<Client>(loop_.turn(), network_, Peer{kAddress, "10.96.0.1", "", tokenFile});
    begin();
    loop_.run(20ms);
  }
  void begin() {
    source_ = std::make_unique<KubernetesSource>(
        *client_, "payments", control::discovery::KubernetesService{"pay", "shop", {.name = "http"}}, events());
  }
  control::discovery::SourceEvents& events() { return *this; }
  /// What it says is the list now, and what it has told beside lists since the last look.
  std::string told() {
    loop_.run(60ms);
    return std::exchange(troubles_, "");
  }
  void writeToken(const std::string& token) { std::ofstream(tokenFile_, std::ios::trunc) << token; }

  const Address kAddress = Address::ipv4({10, 96, 0, 1}, 443);
  const std::string tokenFile_ = ::testing::TempDir() + "kubernetes-token-" + std::to_string(::getpid());
  Loop loop_{1};
  Network network_{loop_};
  FakeKubernetes api_{loop_.turn()};
  std::unique_ptr<Client> client_;
  std::unique_ptr<KubernetesSource> source_;
  std::string list_ = "nothing yet";
  std::string troubles_;
  int lists_ = 0;
  Instant confirmedAt_{};

 private:
  void onEndpoints(const std::string& upstream, std::vector<Found> endpoints) override {
    EXPECT_EQ(upstream, "payments");
    list_.clear();
    for (const Found& found : endpoints) list_ += (list_.empty() ? "" : " ") + found.address.hostText();
    ++lists_;
  }
  void onTrouble(const std::string&, const std::string& why) override {
    troubles_ += (troubles_.empty() ? "" : "\n") + why;
  }
  void onConfirmed(const std::string&) override { confirmedAt_ = loop_.now(); }
};

TEST_F(KubernetesTest, ListsAndThenWatches) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  EXPECT_EQ(list_, "10.0.0.1");
  EXPECT_EQ(api_.server.all.front()->target,
            "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dpay"
            "&limit=50");
  api_.put("b", {{"10.0.0.2"}, {"10.0.0.3"}});
  EXPECT_EQ(told(), "");
  EXPECT_EQ(list_, "10.0.0.1 10.0.0.2 10.0.0.3");
  api_.remove("b");
  told();
  EXPECT_EQ(list_, "10.0.0.1");
  EXPECT_EQ(api_.count(false), 1U) << "one list";
  EXPECT_EQ(api_.count(true), 1U) << "one watch";
  EXPECT_EQ(api_.server.accepted, 1) << "one connection";
}

TEST_F(KubernetesTest, WhatDoesNotChangeTheListIsNotTold) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  api_.put("a", {{"10.0.0.1"}, {.address = "10.0.0.2", .ready = false, .serving = false}});
  api_.bookmark();
  told();
  EXPECT_EQ(lists_, 1);
}

TEST_F(KubernetesTest, PagesMakeOneList) {
  for (const char* name : {"a", "b", "c"})
    api_.put(name, {{std::string("10.0.0.") + std::to_string(name[0] - 'a' + 1)}});
  api_.pageSize = 1;
  follow();
  EXPECT_EQ(list_, "10.0.0.1 10.0.0.2 10.0.0.3");
  EXPECT_EQ(lists_, 1);
  EXPECT_EQ(api_.count(false), 3U);
}

TEST_F(KubernetesTest, AListThatExpiresBetweenItsPagesBeginsAnew) {
  for (const char* name : {"a", "b"}) api_.put(name, {{std::string("10.0.0.") + std::to_string(name[0] - 'a' + 1)}});
  api_.pageSize = 1;
  const auto answer = api_.server.onAsked;
  api_.server.onAsked = [&](FakeKubernetes::Asked& asked) {
    if (api_.count(false) == 2) api_.forget();
    answer(asked);
  };
  follow();
  EXPECT_EQ(told(), "");
  EXPECT_EQ(list_, "10.0.0.1 10.0.0.2");
}

TEST_F(KubernetesTest, AWatchFromAForgottenVersionListsAnew) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  api_.cut();  // and while we are away:
  api_.put("a", {{"10.0.0.2"}});
  api_.forget();
  EXPECT_EQ(told(), "") << "no trouble: that is how it is meant";
  EXPECT_EQ(list_, "10.0.0.2");
  api_.forget();  // in the middle of a watch
  api_.put("a", {{"10.0.0.3"}});
  EXPECT_EQ(told(), "");
  EXPECT_EQ(list_, "10.0.0.3");
}

TEST_F(KubernetesTest, ABookmarkSparesTheList) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  api_.version += 1000;  // others' changes
  api_.bookmark();
  told();
  api_.cut();
  api_.forget();
  told();
  EXPECT_EQ(api_.count(false), 1U);
  EXPECT_EQ(api_.watches().size(), 1U);
}

TEST_F(KubernetesTest, AWatchThatIsCutGoesOnWhereItWas) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  api_.put("b", {{"10.0.0.2"}});
  told();
  api_.say(R"({"type":"MODIFIED","object":{"kind":"EndpointSl)");
  api_.cut();
  api_.put("b", {{"10.0.0.3"}});
  EXPECT_EQ(told(), "");
  EXPECT_EQ(list_, "10.0.0.1 10.0.0.3");
  EXPECT_EQ(api_.count(false), 1U) << "no second list";
}

TEST_F(KubernetesTest, LinesMayComeInPieces) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  for (const char c : testing::eventJson("MODIFIED", testing::sliceJson("a", 500, {{"10.0.0.2"}}))) {
    EXPECT_EQ(list_, "10.0.0.1");
    api_.say(std::string(1, c));
    loop_.run(1ms);
  }
  told();
  EXPECT_EQ(list_, "10.0.0.2");
}

TEST_F(KubernetesTest, NonsenseChangesNothing) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  const std::string good = testing::eventJson("ADDED", testing::sliceJson("b", 101, {{"10.0.0.2"}}));
  api_.version = 101;
  api_.say(good + "<html>oops</html>\n");
  loop_.run(10ms);
  EXPECT_EQ(list_, "10.0.0.1 10.0.0.2") << "what was good before it counts";
  EXPECT_EQ(std::exchange(troubles_, ""),
            "a line of the API server's watch makes no sense: it is not a JSON object with a member `object`");
  api_.listText = "{\"items\": 17}";
  loop_.run(1min);
  EXPECT_EQ(told(), "") << "it is told once";
  EXPECT_EQ(list_, "10.0.0.1 10.0.0.2");
  api_.listText.clear();
  api_.put("a", {{"10.0.0.7"}});
  loop_.run(31s);
  EXPECT_EQ(list_, "10.0.0.7") << "and what the list says then";
  api_.say("nonsense\n");
  loop_.run(10ms);
  EXPECT_NE(troubles_, "") << "it is told again, for it had ended";
}

TEST_F(KubernetesTest, AServerThatIsAwayChangesNothing) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  go();
  EXPECT_EQ(told(), "the API server at 10.96.0.1:443: connection refused");
  const int before = api_.server.accepted;
  loop_.run(1h);
  EXPECT_EQ(told(), "");
  EXPECT_EQ(list_, "10.0.0.1");
  EXPECT_EQ(api_.server.accepted, before);
  const Instant confirmed = confirmedAt_;
  EXPECT_GE(loop_.now() - confirmed, 1h);
  come();
  api_.put("a", {{"10.0.0.2"}});
  loop_.run(30s);
  EXPECT_EQ(list_, "10.0.0.2");
  EXPECT_EQ(told(), "");
  EXPECT_GT(confirmedAt_, confirmed);
}

TEST_F(KubernetesTest, AServerInTroubleIsNotPressed) {
  api_.refuses = 500;
  follow();
  EXPECT_EQ(told(), "the API server at 10.96.0.1:443 answers 500: not today");
  loop_.run(10min);
  EXPECT_LE(api_.server.all.size(), 50U) << "first quickly, then each 15 to 30 s";
  EXPECT_GE(api_.server.all.size(), 20U);
  api_.refuses = 0;
  api_.put("a", {{"10.0.0.1"}});
  loop_.run(30s);
  EXPECT_EQ(list_, "10.0.0.1");
}

TEST_F(KubernetesTest, WatchesThatEndAtOnceAreNotBegunForEver) {
  api_.put("a", {{"10.0.0.1"}});
  const auto answer = api_.server.onAsked;
  api_.server.onAsked = [&](FakeKubernetes::Asked& asked) {
    answer(asked);
    api_.endWatches();
  };
  follow();
  loop_.run(10min);
  EXPECT_LE(api_.server.all.size(), 70U);
  EXPECT_EQ(list_, "10.0.0.1");
}

TEST_F(KubernetesTest, ARefusalSaysWhatWouldBeRight) {
  api_.refuses = 403;
  follow();
  EXPECT_EQ(told(),
            "the API server at 10.96.0.1:443 answers 403: not today (the pod's service account needs `list` and "
            "`watch` on `endpointslices` of the API group `discovery.k8s.io` in the namespace `shop`)");
}

TEST_F(KubernetesTest, ATokenIsTakenUpWhenItIsThere) {
  writeToken("old");
  api_.token = "new";
  api_.put("a", {{"10.0.0.1"}});
  follow(tokenFile_);
  EXPECT_EQ(told(), "the API server at 10.96.0.1:443 answers 401: Unauthorized");
  loop_.run(5s);
  writeToken("new");
  loop_.run(15s);
  EXPECT_EQ(list_, "10.0.0.1");
  api_.token = "newer";  // while a watch stands, which the server does not mind
  writeToken("newer");
  api_.cut();
  api_.put("a", {{"10.0.0.2"}});
  EXPECT_EQ(told(), "");
  EXPECT_EQ(list_, "10.0.0.2");
}

TEST_F(KubernetesTest, SilenceIsNotWaitedForLong) {
  api_.put("a", {{"10.0.0.1"}});
  api_.silent = true;
  follow();
  loop_.run(15s);
  EXPECT_EQ(told(), "the API server at 10.96.0.1:443: no answer within 15000 ms");
  api_.silent = false;
  loop_.run(1s);
  EXPECT_EQ(list_, "10.0.0.1");
  // A watch on which nothing comes, though something has happened.
  for (FakeKubernetes::Asked* watch : api_.watches()) watch->left = true;
  api_.put("a", {{"10.0.0.2"}});
  loop_.run(89s);
  EXPECT_EQ(list_, "10.0.0.1");
  loop_.run(2s);
  EXPECT_EQ(list_, "10.0.0.2");
  EXPECT_EQ(told(), "") << "nothing of note";
}

TEST_F(KubernetesTest, ASlowAnswerIsAwaited) {
  api_.put("a", {{"10.0.0.1"}});
  const auto answer = api_.server.onAsked;
  api_.server.onAsked = [&](FakeKubernetes::Asked& asked) { loop_.in(10s, [&, answer] { answer(asked); }); };
  follow();
  loop_.run(9s);
  EXPECT_EQ(lists_, 0);
  loop_.run(2s);
  EXPECT_EQ(list_, "10.0.0.1");
  EXPECT_EQ(told(), "");
}

TEST_F(KubernetesTest, AnEmptyListIsNotBelievedAtOnce) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  api_.put("a", {});
  loop_.run(29s);
  EXPECT_EQ(list_, "10.0.0.1");
  api_.put("a", {{"10.0.0.1"}});
  loop_.run(1min);
  EXPECT_EQ(lists_, 1) << "as if nothing had been";
  api_.remove("a");
  EXPECT_EQ(told(), "");
  loop_.run(31s);
  EXPECT_EQ(list_, "");
  EXPECT_EQ(
      told(),
      "no endpoint of shop/pay for 30 s: no EndpointSlice carries its name: is there such a service, and has it a "
      "selector?");
  api_.put("a", {{"10.0.0.2"}});
  told();
  EXPECT_EQ(list_, "10.0.0.2");
}

TEST_F(KubernetesTest, AnEmptyListIsNotBelievedWithoutTheServer) {
  api_.put("a", {{"10.0.0.1"}});
  follow();
  api_.put("a", {});
  loop_.run(10s);
  go();
  loop_.run(10min);
  EXPECT_EQ(list_, "10.0.0.1");
  come();
  loop_.run(32s);
  EXPECT_EQ(list_, "");
}

TEST_F(KubernetesTest, ThoseThatEndAreUsedWhereNoneIsReady) {
  api_.put("a", {{"10.0.0.1"}, {"10.0.0.2"}});
  follow();
  api_.put("a", {{.address = "10.0.0.1", .ready = false, .terminating = true}, {"10.0.0.2"}});
  told();
  EXPECT_EQ(list_, "10.0.0.2");
  api_.put("a", {{.address = "10.0.0.1", .ready = false, .terminating = true},
                 {.address = "10.0.0.2", .ready = false, .terminating = true}});
  told();
  EXPECT_EQ(list_, "10.0.0.1 10.0.0.2");
}

TEST_F(KubernetesTest, OldNewsIsIgnored) {
  api_.put("a", {{"10.0.0.1"}});
  api_.put("a", {{"10.0.0.2"}});
  follow();
  api_.say(testing::eventJson("MODIFIED", testing::sliceJson("a", 101, {{"10.0.0.1"}})));
  told();
  EXPECT_EQ(list_, "10.0.0.2");
}

TEST_F(KubernetesTest, ASourceMayGoAtAnyTime) {
  api_.put("a", {{"10.0.0.1"}});
  for (const Duration when : {0us, 150us, 350us, 700us, 30000us}) {
    source_.reset();
    client_ = std::make_unique<Client>(loop_.turn(), network_, Peer{kAddress, "10.96.0.1"});
    begin();
    loop_.run(when);
    source_.reset();
    lists_ = 0;
    api_.put("a", {{"10.0.0.1"}});
    loop_.run(1s);
    EXPECT_EQ(lists_, 0);
    EXPECT_TRUE(api_.watches().empty());
  }
}

TEST_F(KubernetesTest, TheSourcesOfAPodShareWhatItKnowsOfTheServer) {
  const std::filesystem::path folder = tokenFile_ + ".d";
  std::filesystem::create_directories(folder);
  const auto sources = [&](bool inPod) {
    return std::make_unique<control::discovery::KubernetesSources>(
        loop_.turn(), network_,
        [inPod](Bytes name) -> std::optional<std::string> {
          if (!inPod) return std::nullopt;
          return name == "KUBERNETES_SERVICE_HOST" ? "10.96.0.1" : "443";
        },
        folder);
  };
  const auto tell = [&](bool inPod, const std::string& nameSpace = "") {
    const auto made = sources(inPod);
    const auto source = made->make("payments", {"pay", nameSpace, "http", 0}, events());
    EXPECT_EQ(troubles_, "") << "not from inside the constructor";
    loop_.run(10ms);
    return std::exchange(troubles_, "");
  };
  EXPECT_NE(tell(false).find("set KUBERNETES_SERVICE_HOST"), std::string::npos);
  EXPECT_NE(tell(true).find("/namespace does not tell our namespace"), std::string::npos);
  EXPECT_NE(tell(true, "shop").find("/token: No such file"), std::string::npos);
  std::ofstream(folder / "namespace") << "shop";
  EXPECT_NE(tell(true).find("/token: No such file"), std::string::npos);
  std::ofstream(folder / "token") << "t";
  EXPECT_NE(tell(true).find("/ca.crt: No such file"), std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST_F(KubernetesTest, AThousandChangesAreEachKnownWithin100Milliseconds) {
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    Loop loop(seed);
    Network network(loop);
    network.setLatency(1ms);
    FakeKubernetes api(loop.turn());
    api.pageSize = 2;
    network.listen(kAddress, [&](auto transport) { api.server.serve(std::move(transport)); });
    bool done = false;
    testing::DiscoveryRun run(loop.turn(), api, 1000, 2s, [&] { done = true; });
    Client client(loop.turn(), network, Peer{kAddress, "10.96.0.1"});
    const KubernetesSource source(client, "payments", {"pay", "shop", {.name = "http"}}, run);
    ASSERT_TRUE(loop.runUntil([&] { return done; }));
    ASSERT_EQ(run.latencies.size(), 1000U);
    std::printf(
        "seed %d: 1000 changes, %d cuts, %d forgettings; known after %.1f ms (median), %.1f (99 %%), %.1f (all)\n",
        static_cast<int>(seed), run.cuts, run.forgettings, seconds(run.quantile(0.5)) * 1e3,
        seconds(run.quantile(0.99)) * 1e3, seconds(run.latencies.back()) * 1e3);
    EXPECT_LT(run.latencies.back(), 100ms);
    EXPECT_EQ(run.wrong, 0);
    EXPECT_EQ(run.troubles, 0);
  }
}

}  // namespace
}  // namespace outrigger::sim
