// What a peer may send for nothing, and what ends its connection.
#include "proxy/http/h2/frame_watch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/h2_frames.h"

namespace outrigger::http::h2 {
namespace {

using namespace outrigger::testing::h2;

constexpr Instant kStart{std::chrono::hours(1)};

std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

struct Flood {
  const char* name;
  std::string frame;
  Guard guard;
  int most;  // so many at once do no harm
};

class H2Floods : public ::testing::TestWithParam<Flood> {};

TEST_P(H2Floods, EndAtTheirLimitWhereverTheReadsFall) {
  const Flood& flood = GetParam();
  for (const size_t step : {size_t{1}, size_t{7}, size_t{100'000}}) {
    FrameWatch watch(kPrefaceSize, kStart);
    const std::string input = kPreface + repeat(flood.frame, flood.most + 1);
    std::optional<Guard> overdone;
    size_t harmless = 0;
    for (size_t at = 0; at < input.size() && !overdone; at += step) {
      const auto finding = watch.look(Bytes(input).substr(at, step), kStart);
      overdone = finding.overdone;
      harmless += finding.harmless;
    }
    ASSERT_TRUE(overdone) << step;
    EXPECT_EQ(*overdone, flood.guard);
    EXPECT_GE(harmless, kPrefaceSize + flood.frame.size() * static_cast<size_t>(flood.most));
    EXPECT_LT(harmless, input.size() - flood.frame.size() + kFrameHead);
  }
}

TEST_P(H2Floods, AreNoneWhenSpreadOverTime) {
  const Flood& flood = GetParam();
  if (flood.guard == Guard::Continuation) GTEST_SKIP() << "belongs to one block";
  FrameWatch watch(0, kStart);
  for (int second = 0; second < 1000; ++second) {
    const auto finding = watch.look(repeat(flood.frame, 4), kStart + second * 1s);
    ASSERT_FALSE(finding.overdone) << second;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, H2Floods,
    ::testing::Values(Flood{"Reset", reset(1), Guard::Reset, 500},
                      Flood{"Ping", frame(kPing, 0, 0, "12345678"), Guard::Ping, 500},
                      Flood{"Settings", frame(kSettings, 0, 0, ""), Guard::Settings, 50},
                      Flood{"EmptyData", data(1, "", false), Guard::EmptyFrame, 100},
                      Flood{"EmptyHeaders", frame(kHeaders, 0, 1, ""), Guard::EmptyFrame, 100},
                      Flood{"Continuation", frame(kContinuation, 0, 1, "x"), Guard::Continuation, 64},
                      Flood{"WindowUpdate", windowUpdate(0, 1), Guard::WindowUpdate, 2000},
                      Flood{"Priority", frame(kPriority, 0, 3, number(1) + "x"), Guard::Priority, 500},
                      Flood{"Unknown", frame(0x77, 0, 3, "x"), Guard::OtherFrame, 100}),
    [](const auto& test) { return test.param.name; });

TEST(H2FrameWatch, WorkThatWasWantedEarnsFrames) {
  FrameWatch watch(0, kStart);
  for (int i = 0; i < 10'000; ++i) {
    watch.onContent(16'384);
    ASSERT_FALSE(watch.look(repeat(windowUpdate(1, 1024), 16), kStart).overdone) << i;
  }
  for (int i = 0; i < 10'000; ++i) {
    watch.onStreamCompleted();
    ASSERT_FALSE(watch.look(reset(1), kStart).overdone) << i;
  }
}

TEST(H2FrameWatch, ContentDoesNotCount) {
  FrameWatch watch(0, kStart);
  EXPECT_FALSE(watch.look(repeat(data(1, "x", false), 10'000), kStart).overdone);
  EXPECT_FALSE(watch.look(repeat(get(1), 10'000), kStart).overdone);
}

TEST(H2FrameWatch, SeesAPriorityThatDependsOnItself) {
  FrameWatch watch(0, kStart);
  const std::string right = frame(kPriority, 0, 5, number(3) + "x");
  const std::string wrong = frame(kPriority, 0, 5, number(0x80000005) + "x");
  EXPECT_FALSE(watch.look(right, kStart).violation.has_value());
  bool found = false;
  for (const char c : wrong) found = found || watch.look({&c, 1}, kStart).violation.has_value();
  EXPECT_TRUE(found);
}

TEST(H2FrameWatch, KnowsTheLastStreamsThatThePeerHasEnded) {
  const auto violation = [](const std::string& before, const std::string& frame) {
    FrameWatch watch(0, kStart);
    EXPECT_FALSE(watch.look(before, kStart).violation);
    const auto finding = watch.look(frame, kStart);
    EXPECT_EQ(finding.harmless, finding.violation ? 0 : frame.size());
    return finding.violation.value_or(ErrorCode::NoError);
  };
  EXPECT_EQ(violation(get(1) + reset(1), data(1, "x")), ErrorCode::StreamClosed);
  EXPECT_EQ(violation(get(1) + reset(1), get(1)), ErrorCode::StreamClosed);
  EXPECT_EQ(violation(get(1) + reset(1), windowUpdate(1, 1)), ErrorCode::NoError);
  EXPECT_EQ(violation(get(1), data(1, "x")), ErrorCode::NoError);  // the library's business
  EXPECT_EQ(violation(get(5), get(3)), ErrorCode::ProtocolError);
  EXPECT_EQ(violation(get(5), get(7)), ErrorCode::NoError);
  std::string nine;
  for (uint32_t id = 1; id <= 17; id += 2) nine += get(id) + reset(id);
  EXPECT_EQ(violation(nine, data(3, "x")), ErrorCode::StreamClosed);
  EXPECT_EQ(violation(nine, data(1, "x")), ErrorCode::NoError) << "forgotten, and ignored further down";
}

TEST(H2FrameWatch, AServerAnswersInAnyOrder) {
  FrameWatch watch(0, kStart, FrameWatch::Peer::Server);
  EXPECT_FALSE(watch.look(get(5) + get(1) + reset(3) + data(5, "x"), kStart).violation);
}

TEST(H2FrameWatch, EveryGuardHasAWordOfItsOwn) {
  auto words = kGuardWords;
  std::ranges::sort(words);
  EXPECT_EQ(std::ranges::adjacent_find(words), words.end());
  EXPECT_FALSE(words.front().empty());
}

}  // namespace
}  // namespace outrigger::http::h2
