#include "proxy/exchange/mesh_fields.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace outrigger::exchange {
namespace {

class MeshFields : public testing::Test {
 protected:
  http::FieldList fields(const std::vector<std::pair<Bytes, Bytes>>& lines) {
    http::FieldList list(arena_);
    for (const auto& [name, value] : lines) list.add(name, value);
    return list;
  }
  Duration left(Bytes name, Bytes value) { return callersWord(fields({{name, value}})).left; }

  ChunkPool pool_;
  Arena arena_{pool_};
};

constexpr Duration kNone = Duration::max();

TEST_F(MeshFields, ADeadlineInMilliseconds) {
  EXPECT_EQ(left("outrigger-timeout-ms", "250"), 250ms);
  EXPECT_EQ(left("Outrigger-Timeout-Ms", "0"), 0ms);
  EXPECT_EQ(left("outrigger-timeout-ms", "0007"), 7ms);
}

TEST_F(MeshFields, WhatMakesNoSenseCountsAsNotSaid) {
  for (const Bytes value : {"", "-1", "+5", "1.5", "5s", "0x10", " 5 6", "99999999999999999999999", "1e3", "none"}) {
    EXPECT_EQ(left("outrigger-timeout-ms", value), kNone) << value;
  }
  for (const Bytes value : {"", "S", "5", "-1S", "123456789S", "1s", "1 S", "1SS", "1.5S", "0x1S"}) {
    EXPECT_EQ(left("grpc-timeout", value), kNone) << value;
  }
}

TEST_F(MeshFields, GrpcTimeoutsOfEveryUnit) {
  const std::vector<std::pair<Bytes, Duration>> rows = {
      {"2H", 2h}, {"3M", 3min}, {"1S", 1s}, {"250m", 250ms}, {"7u", 7us}, {"99999999n", 99'999'999ns}, {"0S", 0s}};
  for (const auto& [text, wanted] : rows) EXPECT_EQ(parseGrpcTimeout(text), wanted) << text;
  EXPECT_EQ(parseGrpcTimeout("99999999H"), kLongestSetting) << "as long as a time may be";
}

TEST_F(MeshFields, OfSeveralDeadlinesTheNearestCounts) {
  const auto word = callersWord(fields({{"outrigger-timeout-ms", "900"},
                                        {"grpc-timeout", "1S"},
                                        {"outrigger-timeout-ms", "300"},
                                        {"outrigger-timeout-ms", "-1"},
                                        {"outrigger-timeout-ms", "99999999999999999999"}}));
  EXPECT_EQ(word.left, 300ms);
  EXPECT_EQ(word.grpcLeft, 1s);
}

TEST_F(MeshFields, TheAttemptNumber) {
  const auto attempt = [&](Bytes value) { return callersWord(fields({{"outrigger-attempt", value}})).attempt; };
  EXPECT_EQ(attempt("2"), 2U);
  EXPECT_EQ(attempt("1000"), 1000U);
  for (const Bytes value : {"", "0", "1", "-3", "1001", "99999999999999999999", "two"}) EXPECT_EQ(attempt(value), 1U);
}

TEST_F(MeshFields, GrpcTimeoutTextIsRoundedDownAndNeverEmpty) {
  EXPECT_EQ(grpcTimeoutText(1999us, arena_), "1m");
  EXPECT_EQ(grpcTimeoutText(0ms, arena_), "1m");
  EXPECT_EQ(grpcTimeoutText(kLongestSetting, arena_), "99999999m");
}

TEST_F(MeshFields, MarksMeanSomethingOnRefusalsOnly) {
  http::ResponseHead head;
  head.fields = fields({{"outrigger-not-forwarded", "1"}, {"outrigger-no-retry", "1"}});
  for (const uint16_t status : std::to_array<uint16_t>({503, 429})) {
    head.status = status;
    EXPECT_TRUE(marksOf(head.fields, head.status).notForwarded) << status;
  }
  for (const uint16_t status : std::to_array<uint16_t>({200, 404, 500, 502, 504})) {
    head.status = status;
    EXPECT_FALSE(marksOf(head.fields, head.status).notForwarded) << status;
    EXPECT_TRUE(marksOf(head.fields, head.status).noRetry) << status;
  }
  head.status = 503;
  head.fields = fields({{"outrigger-not-forwarded", "yes"}, {"outrigger-no-retry", "0"}});
  EXPECT_FALSE(marksOf(head.fields, head.status).notForwarded);
  EXPECT_FALSE(marksOf(head.fields, head.status).noRetry);
}

TEST_F(MeshFields, OnlyOurOwnWordsAreBelieved) {
  EXPECT_EQ(believedReason(fields({{"outrigger-reason", "limit-pending"}})), "limit-pending");
  EXPECT_EQ(believedReason(fields({{"outrigger-reason", "because"}})), "");
  EXPECT_EQ(believedReason(fields({})), "");
}

}  // namespace
}  // namespace outrigger::exchange
