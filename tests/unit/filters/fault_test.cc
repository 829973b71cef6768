#include "filters/fault/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/filter_world.h"

namespace outrigger::filters::fault {
namespace {

using ::testing::HasSubstr;
using Verdict = exchange::Verdict;
using testing::FilterWorld;
using testing::findingsOf;
using testing::makeFilter;

// "-", "delay 200", "503", "delay 200, 503"
std::string textOf(const Verdict& verdict) {
  std::string text;
  if (verdict.delay > Duration::zero()) text = "delay " + std::to_string(wholeMilliseconds(verdict.delay));
  switch (verdict.kind) {
    case Verdict::Kind::Continue: return text.empty() ? "-" : "BROKEN: continues with a delay";
    case Verdict::Kind::Delay: return text;
    case Verdict::Kind::Reply:
      EXPECT_EQ(verdict.reply.reason, Reason::FaultInjected);
      return text + (text.empty() ? "" : ", ") + std::to_string(verdict.reply.status);
    case Verdict::Kind::Await: break;
  }
  return "BROKEN: awaits";
}

std::vector<std::string> outcomes(const std::string& settings, int requests, uint64_t workerSeed = 1) {
  FilterWorld world(workerSeed);
  const auto filter = makeFilter("fault: {" + settings + "}");
  if (filter == nullptr) return {"refused: " + findingsOf("fault: {" + settings + "}")};
  std::vector<std::string> texts;
  http::RequestHead head;
  for (int i = 0; i < requests; ++i) texts.push_back(textOf(filter->onRequest(world, head)));
  return texts;
}

std::map<std::string, int> counted(const std::vector<std::string>& texts) {
  std::map<std::string, int> counts;
  for (const std::string& text : texts) ++counts[text];
  return counts;
}

TEST(Fault, AllOrNothing) {
  EXPECT_EQ(outcomes("abort: {percent: 100, status: 503}", 2), (std::vector<std::string>{"503", "503"}));
  EXPECT_EQ(outcomes("abort: {percent: 0, status: 503}", 2), (std::vector<std::string>{"-", "-"}));
  EXPECT_EQ(outcomes("delay: {percent: 100, time: 200ms}", 1), (std::vector<std::string>{"delay 200"}));
  EXPECT_EQ(outcomes("delay: {percent: 0, time: 200ms}, abort: {percent: 100, status: 429}", 1),
            (std::vector<std::string>{"429"}));
}

TEST(Fault, ADelayAndAnAbortMayHitOneRequest) {
  EXPECT_EQ(outcomes("delay: {percent: 100, time: 200ms}, abort: {percent: 100, status: 503}", 1),
            (std::vector<std::string>{"delay 200, 503"}));
}

TEST(Fault, SharesAreKeptAndIndependent) {
  const std::string settings = "delay: {percent: 20, time: 200ms}, abort: {percent: 10, status: 503}";
  for (const char* seed : {"", ", seed: 1", ", seed: 2"}) {
    const auto counts = counted(outcomes(settings + seed, 10'000));  // within five standard deviations
    EXPECT_NEAR(counts.at("delay 200, 503"), 200, 70) << seed;
    EXPECT_NEAR(counts.at("delay 200"), 1800, 200) << seed;
    EXPECT_NEAR(counts.at("503"), 800, 140) << seed;
    EXPECT_NEAR(counts.at("-"), 7200, 230) << seed;
  }
}

TEST(Fault, SharesBelowOnePercent) {
  EXPECT_NEAR(counted(outcomes("abort: {percent: 0.5, status: 503}", 10'000)).at("503"), 50, 36);
}

TEST(Fault, ASeedMakesTheChoiceRepeatable) {
  const std::string settings = "abort: {percent: 30, status: 503}, seed: ";
  EXPECT_EQ(outcomes(settings + "7", 500, 1), outcomes(settings + "7", 500, 2)) << "whatever the worker draws";
  EXPECT_NE(outcomes(settings + "7", 500), outcomes(settings + "8", 500));
  EXPECT_NE(outcomes("abort: {percent: 30, status: 503}", 500, 1),
            outcomes("abort: {percent: 30, status: 503}", 500, 2))
      << "without a seed the worker's numbers decide";
}

TEST(Fault, AnotherDelayDoesNotChangeWhichRequestsAreAborted) {
  auto aborted = [](const std::string& settings) {
    std::vector<bool> hit;
    for (const std::string& text : outcomes(settings + "abort: {percent: 30, status: 503}, seed: 7", 500)) {
      hit.push_back(text.ends_with("503"));
    }
    return hit;
  };
  EXPECT_EQ(aborted(""), aborted("delay: {percent: 50, time: 1s}, "));
}

TEST(Fault, NeighboursAreDrawnIndependently) {
  const auto texts = outcomes("abort: {percent: 50, status: 503}, seed: 3", 10'000);
  int same = 0;
  for (size_t i = 1; i < texts.size(); ++i) same += texts[i] == texts[i - 1] ? 1 : 0;
  EXPECT_NEAR(same, 5000, 250);
}

TEST(Fault, WorkersTogetherHitTheSameNumberOfRequestsAsOneAlone) {
  constexpr int kRequests = 8000;
  const std::string settings = "abort: {percent: 30, status: 503}, seed: 7";
  const auto filter = makeFilter("fault: {" + settings + "}");
  ASSERT_NE(filter, nullptr);
  std::mutex mutex;
  std::map<std::string, int> counts;
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 4; ++worker) {
      workers.emplace_back([&] {
        FilterWorld world;
        http::RequestHead head;
        std::map<std::string, int> mine;
        for (int i = 0; i < kRequests / 4; ++i) ++mine[textOf(filter->onRequest(world, head))];
        const std::lock_guard lock(mutex);
        for (const auto& [text, count] : mine) counts[text] += count;
      });
    }
  }
  EXPECT_EQ(counts, counted(outcomes(settings, kRequests)));
}

TEST(Fault, WhatTheLoaderRefuses) {
  struct Row {
    const char* settings;
    const char* finding;
  };
  const Row rows[] = {
      {"seed: 1", "OR121"},
      {"abort: {percent: 1}", "OR121"},
      {"abort: {status: 503}", "OR121"},
      {"abort: {percent: 101, status: 503}", "OR131"},
      {"abort: {percent: 1, status: 200}", "OR131"},
      {"abort: {percent: 1, status: 600}", "OR131"},
      {"delay: {percent: 1}", "OR121"},
      {"delay: {percent: 1, time: 2h}", "OR131"},
      {"delay: {percent: 1, time: 5}", "OR124"},
      {"delay: 5s", "OR122"},
      {"abort: {percent: 1, status: 503}, seed: -1", "OR1"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(findingsOf("fault: {" + std::string(row.settings) + "}"), HasSubstr(row.finding)) << row.settings;
  }
}

}  // namespace
}  // namespace outrigger::filters::fault
