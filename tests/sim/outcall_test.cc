// Calls of our own over HTTP, in virtual time: what is sent, what is heard, and what becomes of a server that is slow,
// broken or away.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "control/outcall/client.h"
#include "tests/support/scripted_server.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {
namespace {

using control::outcall::Call;
using control::outcall::Client;
using control::outcall::Peer;
using control::outcall::Request;
using control::outcall::Times;
using testing::ScriptedServer;

/// Writes down what it hears.
class Listener final : public control::outcall::AnswerSink {
 public:
  void onHead(const http::ResponseHead& head) override { note(std::to_string(head.status)); }
  void onBody(Bytes data) override { note("'" + std::string(data) + "'"); }
  void onEnd() override { note("end"); }
  void onFailed(const std::string& why) override { note("failed: " + why); }

  std::string story;
  std::unique_ptr<Call> call;
  std::string diesAt;  ///< drops the call when it hears this

 private:
  void note(const std::string& what) {
    story += (story.empty() ? "" : " ") + what;
    if (what == diesAt) call.reset();
  }
};

class OutcallTest : public ::testing::Test {
 protected:
  OutcallTest() {
    server_.poke = [this] { loop_.in(0s, [] {}); };
    listen();
  }
  ~OutcallTest() override {
    std::error_code ignored;
    std::filesystem::remove(tokenFile_, ignored);
  }

  void listen() {
    network_.listen(kAddress, [this](auto transport) { server_.serve(std::move(transport)); });
  }
  Client& client(const std::string& tokenFile = "") {
    client_ = std::make_unique<Client>(loop_.turn(), network_, Peer{kAddress, "10.0.0.1", "", tokenFile});
    return *client_;
  }
  void begin(Listener& listener, const Request& request = {}, const Times& times = {}) {
    listener.call = client_->call(request, times, listener);
    loop_.run(1ms);
  }
  void writeToken(const std::string& token) { std::ofstream(tokenFile_, std::ios::trunc) << token; }

  const Address kAddress = Address::ipv4({10, 0, 0, 1}, 6443);
  const std::string tokenFile_ = ::testing::TempDir() + "outcall-token-" + std::to_string(::getpid());
  Loop loop_{1};
  Network network_{loop_};
  ScriptedServer server_{loop_.turn()};
  std::unique_ptr<Client> client_;
  Listener listener_;
};

TEST_F(OutcallTest, AnAnswerComesWhole) {
  client();
  begin(listener_, {.target = "/apis/x?watch=true"});
  ASSERT_EQ(server_.all.size(), 1U);
  EXPECT_EQ(server_.last().method, "GET");
  EXPECT_EQ(server_.last().target, "/apis/x?watch=true");
  EXPECT_EQ(server_.last().host, "10.0.0.1:6443");
  EXPECT_EQ(server_.last().authorization, "");
  server_.last().reply(200, "{}");
  loop_.run(1ms);
  EXPECT_EQ(listener_.story, "200 '{}' end");
}

TEST_F(OutcallTest, ABodyIsSent) {
  client();
  begin(listener_,
        {.method = http::Method::Post, .target = "/events", .fields = {{"content-type", "x"}}, .body = "hi"});
  EXPECT_EQ(server_.last().method, "POST");
  EXPECT_EQ(server_.last().body, "hi");
}

TEST_F(OutcallTest, AStreamIsHeardAsItComes) {
  client();
  begin(listener_);
  server_.last().begin();
  server_.last().send("one");
  loop_.run(1ms);
  EXPECT_EQ(listener_.story, "200 'one'");
  loop_.run(20s);
  server_.last().send("two");
  loop_.run(20s);
  server_.last().send("three");
  server_.last().end();
  loop_.run(1ms);
  EXPECT_EQ(listener_.story, "200 'one' 'two' 'three' end") << "40 s, and never 30 s of silence";
}

TEST_F(OutcallTest, TheNextCallUsesTheWarmConnection) {
  client();
  for (int i = 0; i < 3; ++i) {
    Listener listener;
    begin(listener);
    server_.last().reply(200, "{}");
    loop_.run(1ms);
    EXPECT_EQ(listener.story, "200 '{}' end");
  }
  EXPECT_EQ(server_.accepted, 1);
  loop_.run(31s);
  EXPECT_EQ(server_.connections(), 0U) << "it is not kept for long";
}

TEST_F(OutcallTest, AWarmConnectionThatWasClosedIsReplaced) {
  client();
  begin(listener_);
  server_.last().reply(200, "{}");
  loop_.run(1ms);
  server_.closeIdle();
  Listener second;
  begin(second);  // before FIN is here
  loop_.run(5ms);
  server_.last().reply(200, "{}");
  loop_.run(1ms);
  EXPECT_EQ(second.story, "200 '{}' end");
  EXPECT_EQ(server_.accepted, 2);
}

TEST_F(OutcallTest, EachStageHasItsTime) {
  client();
  const Times times{.connect = 1s, .head = 2s, .idle = 3s};
  Listener head;
  begin(head, {}, times);
  loop_.run(2001ms);
  EXPECT_EQ(head.story, "failed: 10.0.0.1:6443: no answer within 2000 ms");
  EXPECT_TRUE(server_.last().left);
  Listener idle;
  begin(idle, {}, times);
  server_.last().begin();
  server_.last().send("x");
  loop_.run(2900ms);
  EXPECT_EQ(idle.story, "200 'x'");
  loop_.run(200ms);
  EXPECT_EQ(idle.story, "200 'x' failed: 10.0.0.1:6443: nothing more of the answer within 3000 ms");
  network_.blackhole(kAddress);
  Listener connect;
  begin(connect, {}, times);
  loop_.run(1s);
  EXPECT_EQ(connect.story, "failed: 10.0.0.1:6443: no connection within 1000 ms");
}

TEST_F(OutcallTest, AServerThatIsAwayIsAFailure) {
  network_.close(kAddress);
  client();
  begin(listener_);
  loop_.run(10ms);
  EXPECT_EQ(listener_.story, "failed: 10.0.0.1:6443: connection refused");
}

TEST_F(OutcallTest, AnAnswerThatBreaksOffIsAFailure) {
  client();
  begin(listener_);
  server_.last().begin();
  server_.last().send("half a li");
  loop_.run(1ms);
  server_.last().abort();
  loop_.run(10ms);
  EXPECT_EQ(listener_.story, "200 'half a li' failed: 10.0.0.1:6443: the upstream closed the connection");
}

TEST_F(OutcallTest, DestroyingTheCallEndsItAtAnyMoment) {
  for (const std::string moment : {"200", "'x'", "end"}) {
    client();
    Listener listener;
    listener.diesAt = moment;
    begin(listener);
    server_.last().begin();
    server_.last().send("x");
    if (moment == "end") server_.last().end();
    loop_.run(10ms);
    EXPECT_TRUE(listener.story.ends_with(moment)) << listener.story;
    EXPECT_EQ(server_.last().left, moment != "end") << "the server is told that nobody listens";
  }
  client();
  network_.blackhole(kAddress);
  Listener early;
  begin(early);
  early.call.reset();
  loop_.run(1min);
  EXPECT_EQ(early.story, "");
}

TEST_F(OutcallTest, TheTokenIsReadAnewForEachCall) {
  writeToken("first\n");
  client(tokenFile_);
  begin(listener_);
  EXPECT_EQ(server_.last().authorization, "Bearer first");
  server_.last().reply(200, "");
  writeToken("second");
  Listener second;
  begin(second);
  EXPECT_EQ(server_.last().authorization, "Bearer second");
  std::filesystem::remove(tokenFile_);
  Listener third;
  begin(third);
  EXPECT_EQ(server_.last().authorization, "Bearer second") << "the last good one";
}

TEST_F(OutcallTest, ARefusedTokenIsLookedAtOnceMore) {
  writeToken("old");
  client(tokenFile_);
  begin(listener_);
  writeToken("new");
  server_.last().reply(401, "who?");
  loop_.run(1ms);
  ASSERT_EQ(server_.all.size(), 2U);
  EXPECT_EQ(server_.last().authorization, "Bearer new");
  server_.last().reply(200, "{}");
  loop_.run(1ms);
  EXPECT_EQ(listener_.story, "200 '{}' end");
  Listener same;
  begin(same);
  server_.last().reply(401, "who?");
  loop_.run(1ms);
  EXPECT_EQ(same.story, "401 'who?' end") << "the same token again would be as wrong";
}

TEST_F(OutcallTest, WithoutATokenNothingIsAsked) {
  client(tokenFile_);
  begin(listener_);
  EXPECT_EQ(listener_.story, "failed: " + tokenFile_ + ": No such file or directory");
  writeToken("evil\r\nx: y");
  Listener evil;
  begin(evil);
  EXPECT_EQ(evil.story, "failed: " + tokenFile_ + ": there is no token in it");
  EXPECT_TRUE(server_.all.empty());
}

TEST_F(OutcallTest, AClientMayGoWithCallsBehindIt) {
  client();
  begin(listener_);
  server_.last().begin();
  loop_.run(1ms);
  listener_.call.reset();
  client_.reset();
  loop_.run(1s);
  EXPECT_EQ(listener_.story, "200");
}

}  // namespace
}  // namespace outrigger::sim
