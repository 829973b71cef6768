// Spans on their way to a collector that is slow, broken, choosy or away, in virtual time: what arrives, what is tried
// again and when, and what is counted as lost.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <nlohmann/json.hpp>

#include "control/tracing/exporter.h"
#include "proxy/net/file_descriptor.h"
#include "tests/support/scripted_server.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {
namespace {

using control::tracing::Exporter;
using nlohmann::json;
using server::TracedRequest;
using testing::ScriptedServer;

std::vector<TracedRequest> requests(size_t count) {
  std::vector<TracedRequest> made(count);
  for (size_t i = 0; i < count; ++i) {
    made[i].trail.trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    made[i].trail.status = 200;
    made[i].span = i + 1;
  }
  return made;
}

config::TracingModel collectorAt(const std::string& host) {
  config::TracingModel tracing;
  tracing.host = host;
  tracing.port = 4318;
  tracing.path = "/v1/traces";
  return tracing;
}

class SpanExport : public ::testing::Test {
 protected:
  SpanExport() {
    for (ScriptedServer* server : {&one_, &two_}) server->poke = [this] { loop_.in(0s, [] {}); };
    network_.listen(Address::ipv4({10, 0, 0, 1}, 4318), [this](auto transport) { one_.serve(std::move(transport)); });
    network_.listen(Address::ipv4({10, 0, 0, 2}, 4318), [this](auto transport) { two_.serve(std::move(transport)); });
    exporter_.configure(collectorAt("10.0.0.1"), {{"service.name", "cart"}});
  }
  ~SpanExport() override { loop_.turn().endTurn(); }

  void give(size_t count) { exporter_.take(requests(count)); }
  static size_t spansIn(const ScriptedServer::Asked& asked) {
    return json::parse(asked.body).at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").size();
  }
  void answerAll(ScriptedServer& server, uint16_t status = 200, const std::string& text = "{}") {
    server.onAsked = [status, text](auto& asked) { asked.reply(status, text); };
  }
  /// Exported, dropped, refused.
  std::string counts() const {
    const auto& counts = exporter_.counts();
    return std::to_string(counts.exported) + " " + std::to_string(counts.dropped) + " " +
           std::to_string(counts.refused);
  }

  Loop loop_{1};
  Network network_{loop_};
  ScriptedServer one_{loop_.turn()};
  ScriptedServer two_{loop_.turn()};
  net::FileDescriptor nowhere_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  control::LogWriter writer_{{nowhere_.get(), nowhere_.get()}};
  control::Log log_{writer_, false};
  Exporter exporter_{loop_.turn(), network_, log_};
};

TEST_F(SpanExport, SomeGoTogetherASecondLater) {
  answerAll(one_);
  give(2);
  loop_.run(900ms);
  give(3);
  EXPECT_TRUE(one_.all.empty());
  loop_.run(200ms);
  ASSERT_EQ(one_.all.size(), 1U);
  EXPECT_EQ(one_.last().method, "POST");
  EXPECT_EQ(one_.last().target, "/v1/traces");
  EXPECT_EQ(one_.last().host, "10.0.0.1:4318");
  EXPECT_EQ(spansIn(one_.last()), 5U);
  EXPECT_EQ(counts(), "5 0 0");
  EXPECT_EQ(exporter_.queued(), 0U);
}

TEST_F(SpanExport, ManyGoAtOnceInPieces) {
  answerAll(one_);
  give(1);
  give(599);
  loop_.run(100ms);
  ASSERT_EQ(one_.all.size(), 2U) << "the rest waits for more";
  EXPECT_EQ(spansIn(*one_.all[0]), Exporter::kMostAtOnce);
  EXPECT_EQ(spansIn(*one_.all[1]), Exporter::kMostAtOnce);
  loop_.run(1s);
  EXPECT_EQ(counts(), "600 0 0");
}

TEST_F(SpanExport, OneCallAtATime) {
  give(600);
  loop_.run(2s);
  EXPECT_EQ(one_.all.size(), 1U);
  one_.last().reply(200, "");
  loop_.run(10ms);
  EXPECT_EQ(one_.all.size(), 2U);
}

TEST_F(SpanExport, TheQueueIsBounded) {
  give(Exporter::kMostQueued + 52);
  EXPECT_EQ(exporter_.queued(), Exporter::kMostQueued);
  EXPECT_EQ(counts(), "0 52 0");
  answerAll(one_);
  loop_.run(2s);
  EXPECT_EQ(counts(), std::to_string(Exporter::kMostQueued) + " 52 0");
}

TEST_F(SpanExport, ABusyCollectorIsAskedAgainLater) {
  for (const uint16_t status : std::initializer_list<uint16_t>{429, 502, 503, 504}) {
    const size_t before = one_.all.size();
    answerAll(one_, status);
    give(1);
    loop_.run(1100ms);
    ASSERT_EQ(one_.all.size(), before + 1) << status;
    answerAll(one_);
    loop_.run(1s);
    EXPECT_EQ(one_.all.size(), before + 2) << status;
  }
  EXPECT_EQ(counts(), "4 0 0");
}

TEST_F(SpanExport, WaitsGrowAndEndAtHalfAMinute) {
  answerAll(one_, 503);
  give(1);
  std::vector<Instant> times;
  for (size_t seen = 0; seen < 10;) {
    loop_.run(100ms);
    if (one_.all.size() > seen) times.push_back(loop_.now());
    seen = one_.all.size();
  }
  for (size_t i = 1; i < times.size(); ++i) EXPECT_LE(times[i] - times[i - 1], 31s) << i;
  EXPECT_LE(times[1] - times[0], 1200ms);
  EXPECT_GE(times[9] - times[8], 14s);
}

TEST_F(SpanExport, TheCollectorMaySayHowLong) {
  one_.onAsked = [](auto& asked) {
    asked.retryAfter = "7";
    asked.reply(503, "");
  };
  give(1);
  loop_.run(1100ms);
  ASSERT_EQ(one_.all.size(), 1U);
  answerAll(one_);
  loop_.run(6s);
  EXPECT_EQ(one_.all.size(), 1U);
  loop_.run(1s);
  EXPECT_EQ(counts(), "1 0 0");
}

TEST_F(SpanExport, WhatItDoesNotWantIsDropped) {
  answerAll(one_, 400);
  give(3);
  loop_.run(60s);
  EXPECT_EQ(one_.all.size(), 1U) << "another try would fare no better";
  EXPECT_EQ(counts(), "0 0 3");
}

TEST_F(SpanExport, APartWasRefused) {
  answerAll(one_, 200, R"({"partialSuccess": {"rejectedSpans": "2"}})");
  give(5);
  loop_.run(2s);
  EXPECT_EQ(counts(), "3 0 2");
}

TEST_F(SpanExport, ACollectorThatNeverAnswersIsLeftAfterAWhile) {
  give(1);
  loop_.run(11s);
  EXPECT_EQ(one_.all.size(), 1U);
  answerAll(one_);
  loop_.run(3s);
  EXPECT_EQ(counts(), "1 0 0");
}

TEST_F(SpanExport, ACollectorThatIsAwayCostsAQueueAndNoMore) {
  exporter_.configure(collectorAt("10.0.0.3"), {});
  for (int i = 0; i < 40; ++i) {
    give(100);
    loop_.run(1s);
  }
  EXPECT_EQ(exporter_.queued(), Exporter::kMostQueued);
  EXPECT_EQ(counts(), "0 1952 0");
  network_.listen(Address::ipv4({10, 0, 0, 3}, 4318), [this](auto transport) { two_.serve(std::move(transport)); });
  answerAll(two_);
  loop_.run(40s);
  EXPECT_EQ(counts(), "2048 1952 0") << "what was kept arrives";
}

TEST_F(SpanExport, AnotherCollectorGetsWhatIsQueued) {
  give(2);
  loop_.run(1100ms);
  ASSERT_EQ(one_.all.size(), 1U) << "and no answer";
  answerAll(two_);
  exporter_.configure(collectorAt("10.0.0.2"), {});
  give(1);
  loop_.run(1100ms);
  EXPECT_TRUE(one_.last().left);
  EXPECT_EQ(spansIn(two_.last()), 3U);
  EXPECT_EQ(counts(), "3 0 0");
}

TEST_F(SpanExport, TheSameCollectorGoesOnUndisturbed) {
  give(2);
  loop_.run(1100ms);
  exporter_.configure(collectorAt("10.0.0.1"), {{"service.name", "other"}});
  one_.last().reply(200, "");
  loop_.run(10ms);
  EXPECT_EQ(one_.all.size(), 1U);
  EXPECT_EQ(counts(), "2 0 0");
}

TEST_F(SpanExport, SwitchedOffNothingIsSent) {
  give(2);
  exporter_.configure(std::nullopt, {});
  give(1);
  loop_.run(60s);
  EXPECT_TRUE(one_.all.empty());
  EXPECT_EQ(counts(), "0 3 0");
}

TEST_F(SpanExport, TheLastOnesGoWithoutAWait) {
  answerAll(one_);
  give(300);
  bool done = false;
  exporter_.flush([&done] { done = true; });
  loop_.run(20ms);
  EXPECT_TRUE(done);
  EXPECT_EQ(one_.all.size(), 2U);
  EXPECT_EQ(counts(), "300 0 0");
  done = false;
  exporter_.flush([&done] { done = true; });
  EXPECT_TRUE(done) << "at once where there is nothing";
}

TEST_F(SpanExport, TheEndDoesNotWaitForASecondTry) {
  answerAll(one_, 503);
  give(2);
  bool done = false;
  exporter_.flush([&done] { done = true; });
  loop_.run(20ms);
  EXPECT_TRUE(done);
  EXPECT_EQ(counts(), "0 2 0");
}

}  // namespace
}  // namespace outrigger::sim
