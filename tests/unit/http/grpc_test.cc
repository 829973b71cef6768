#include "proxy/http/grpc.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace outrigger::http {
namespace {

using enum GrpcStatus;

class Grpc : public testing::Test {
 protected:
  FieldList fields(std::initializer_list<std::pair<Bytes, Bytes>> texts) {
    FieldList list(arena_);
    for (const auto& [name, value] : texts) list.add(name, value);
    return list;
  }

  ChunkPool chunks_;
  Arena arena_{chunks_};
};

TEST_F(Grpc, IsToldByItsContentType) {
  for (const Bytes yes : {"application/grpc", "application/grpc+proto", "application/grpc+json", "Application/GRPC",
                          "application/grpc;charset=utf-8", "application/grpc ; x=y"}) {
    EXPECT_TRUE(isGrpcContentType(yes)) << yes;
  }
  for (const Bytes no : {"", "application/grpc-web", "application/grpc-web+proto", "application/grpcs",
                         "application/json", "text/application/grpc"}) {
    EXPECT_FALSE(isGrpcContentType(no)) << no;
  }
}

TEST_F(Grpc, KnowsEachStatusByItsNumber) {
  EXPECT_EQ(parseGrpcStatus("0"), Ok);
  EXPECT_EQ(parseGrpcStatus("4"), DeadlineExceeded);
  EXPECT_EQ(parseGrpcStatus("14"), Unavailable);
  EXPECT_EQ(parseGrpcStatus("16"), Unauthenticated);
  for (const Bytes odd : {"17", "-1", "", "OK", "14 ", "0x0", "99999999999999999999"}) {
    EXPECT_EQ(parseGrpcStatus(odd), Unknown) << odd;
  }
}

TEST_F(Grpc, HasAWordForEachStatus) {
  std::array<Bytes, kGrpcStatusCount> seen;
  for (size_t i = 0; i < kGrpcStatusCount; ++i) seen[i] = grpcStatusWord(static_cast<GrpcStatus>(i));
  EXPECT_EQ(seen[0], "OK");
  EXPECT_EQ(seen[1], "CANCELLED");
  EXPECT_EQ(seen[14], "UNAVAILABLE");
  EXPECT_EQ(seen[16], "UNAUTHENTICATED");
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

TEST_F(Grpc, FindsTheStatedStatus) {
  EXPECT_EQ(statedGrpcStatus(fields({{"grpc-status", "14"}})), Unavailable);
  EXPECT_EQ(statedGrpcStatus(fields({{"Grpc-Status", "no"}})), Unknown);
  EXPECT_EQ(statedGrpcStatus(fields({{"date", "now"}})), std::nullopt);
}

// The table of http-grpc-status-mapping.
TEST_F(Grpc, TakesTheHttpStatusWhereNoneIsStated) {
  const std::pair<uint16_t, GrpcStatus> table[] = {
      {400, Internal},    {401, Unauthenticated}, {403, PermissionDenied}, {404, Unimplemented},
      {429, Unavailable}, {502, Unavailable},     {503, Unavailable},      {504, Unavailable},
      {200, Unknown},     {500, Unknown},         {301, Unknown},          {418, Unknown}};
  for (const auto& [status, expected] : table) EXPECT_EQ(grpcStatusOfHttp(status), expected) << status;
}

TEST_F(Grpc, IsJudgedAsTheHttpStatusThatSaysTheSame) {
  EXPECT_EQ(httpStatusOfGrpc(Ok), 200);
  EXPECT_EQ(httpStatusOfGrpc(Unavailable), 503);
  EXPECT_EQ(httpStatusOfGrpc(DeadlineExceeded), 504);
  EXPECT_EQ(httpStatusOfGrpc(ResourceExhausted), 429);
  EXPECT_EQ(httpStatusOfGrpc(Internal), 500) << "the application's own: no gateway status";
}

TEST_F(Grpc, EncodesMessages) {
  EXPECT_EQ(encodeGrpcMessage("plain text, 100 of it", arena_), "plain text, 100 of it");
  EXPECT_EQ(encodeGrpcMessage("100%", arena_), "100%25");
  EXPECT_EQ(encodeGrpcMessage("a\r\nb\x7f", arena_), "a%0D%0Ab%7F");
  EXPECT_EQ(encodeGrpcMessage("\xc3\xa9", arena_), "%C3%A9");
  EXPECT_EQ(encodeGrpcMessage("", arena_), "");
}

TEST_F(Grpc, ReadsPushback) {
  EXPECT_FALSE(grpcPushback(fields({{"grpc-status", "14"}})).has_value());
  EXPECT_EQ(grpcPushback(fields({{"grpc-retry-pushback-ms", "250"}}))->wait, 250ms);
  EXPECT_EQ(grpcPushback(fields({{"grpc-retry-pushback-ms", "0"}}))->wait, Duration::zero());
  for (const Bytes never : {"-1", "", "soon", "1.5", "99999999999999999999"}) {
    EXPECT_EQ(grpcPushback(fields({{"grpc-retry-pushback-ms", never}}))->wait, std::nullopt) << never;
  }
}

TEST_F(Grpc, FollowsMessagesHoweverTheyAreCut) {
  const Bytes two("\0\0\0\0\2hi\1\0\0\1\0", 12);
  const std::string text = std::string(two) + std::string(256, 'x') + std::string("\0\0\0\0\0", 5);
  const std::vector<size_t> ends = {0, 7, 12 + 256, 12 + 256 + 5};
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    GrpcMessages whole;
    whole.feed(Bytes(text).substr(0, cut));
    EXPECT_EQ(whole.between(), std::ranges::count(ends, cut) == 1) << cut;
    whole.feed(Bytes(text).substr(cut));
    EXPECT_TRUE(whole.between()) << cut;
  }
}

}  // namespace
}  // namespace outrigger::http
