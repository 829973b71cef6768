#include "proxy/exchange/grpc.h"

#include <gtest/gtest.h>

#include <set>

#include "proxy/exchange/reply_table.h"

namespace outrigger::exchange {
namespace {

using http::GrpcStatus;
using enum http::GrpcStatus;

// What a caller is told, for each reason. By status: the configuration or the upstream has said what.
struct Row {
  Reason reason;
  std::optional<GrpcStatus> status;
};
constexpr std::optional<GrpcStatus> kByStatus;
constexpr Row kTable[] = {
    {Reason::Ok, kByStatus},
    {Reason::NoRoute, Unimplemented},
    {Reason::NoEndpoints, Unavailable},
    {Reason::BreakerOpen, Unavailable},
    {Reason::LimitConnections, ResourceExhausted},
    {Reason::LimitRequests, ResourceExhausted},
    {Reason::LimitPending, ResourceExhausted},
    {Reason::PendingTimeout, ResourceExhausted},
    {Reason::RateLimited, ResourceExhausted},
    {Reason::Shed, ResourceExhausted},
    {Reason::Malformed, Internal},
    {Reason::HeaderTimeout, Cancelled},
    {Reason::BodyTimeout, Cancelled},
    {Reason::BodyTooLarge, ResourceExhausted},
    {Reason::UriTooLong, Internal},
    {Reason::HeadersTooLarge, ResourceExhausted},
    {Reason::Unsupported, Unimplemented},
    {Reason::UnsupportedVersion, Unimplemented},
    {Reason::UpstreamReset, Unavailable},
    {Reason::UpstreamMalformed, Internal},
    {Reason::ConnectFailed, Unavailable},
    {Reason::ConnectTimeout, Unavailable},
    {Reason::TlsFailed, Unavailable},
    {Reason::AttemptTimeout, DeadlineExceeded},
    {Reason::RequestTimeout, DeadlineExceeded},
    {Reason::DeadlineExceeded, DeadlineExceeded},
    {Reason::IdleTimeout, Unavailable},
    {Reason::Denied, PermissionDenied},
    {Reason::Unauthenticated, Unauthenticated},
    {Reason::FaultInjected, kByStatus},
    {Reason::Draining, Unavailable},
    {Reason::ClientClosed, Cancelled},
    {Reason::Responded, kByStatus},
    {Reason::Redirected, kByStatus},
    {Reason::Loop, Internal},
    {Reason::Internal, Internal},
};

TEST(GrpcReasons, EachHasItsStatus) {
  std::set<Reason> seen;
  for (const Row& row : kTable) {
    EXPECT_TRUE(seen.insert(row.reason).second);
    EXPECT_EQ(grpcStatusOf(row.reason, 403), row.status.value_or(PermissionDenied)) << replyRow(row.reason).word;
    EXPECT_EQ(grpcStatusOf(row.reason, 503), row.status.value_or(Unavailable)) << replyRow(row.reason).word;
  }
  EXPECT_EQ(seen.size(), kReasonCount);
}

class GrpcReply : public testing::Test {
 protected:
  http::ResponseHead answerHead(http::BodyFraming body, Bytes contentType = http::kGrpcContentType) {
    http::ResponseHead head;
    head.status = 200;
    head.body = body;
    head.fields = http::FieldList(arena_);
    head.fields.add(http::Header::ContentType, contentType);
    return head;
  }
  http::FieldList trailers(Bytes status) {
    http::FieldList fields(arena_);
    fields.add(http::Header::GrpcStatus, status);
    return fields;
  }

  ChunkPool chunks_;
  Arena arena_{chunks_};
};

TEST_F(GrpcReply, IsTrailersOnly) {
  const LocalAnswer answer = makeGrpcAnswer({.reason = Reason::BreakerOpen}, WallTime{}, arena_);
  EXPECT_EQ(answer.head.status, 200);
  EXPECT_TRUE(answer.head.body.isEmpty());
  EXPECT_TRUE(answer.body.empty());
  EXPECT_EQ(answer.head.fields.value(http::Header::ContentType), "application/grpc");
  EXPECT_EQ(answer.head.fields.value(http::Header::GrpcStatus), "14");
  EXPECT_EQ(answer.head.fields.find("grpc-message")->value,
            "outrigger: breaker-open: the circuit breaker of this upstream is open");
  EXPECT_EQ(answer.head.fields.value(http::Header::OutriggerReason), "breaker-open");
}

TEST_F(GrpcReply, EncodesWhatAFilterSays) {
  LocalReply reply{.status = 429, .reason = Reason::FaultInjected, .detail = "100 %\n"};
  reply.fields = http::FieldList(arena_);
  reply.fields.add(http::Header::RetryAfter, "1");
  reply.fields.add(http::Header::ContentType, "text/html");
  const LocalAnswer answer = makeGrpcAnswer(reply, WallTime{}, arena_);
  EXPECT_EQ(answer.head.fields.value(http::Header::GrpcStatus), "14") << "as 429 maps";
  EXPECT_EQ(answer.head.fields.find("grpc-message")->value, "outrigger: fault-injected: 100 %25%0A");
  EXPECT_EQ(answer.head.fields.value(http::Header::RetryAfter), "1");
  EXPECT_EQ(answer.head.fields.count(http::Header::ContentType), 1U);
}

TEST_F(GrpcReply, EndsWithTrailersOnlyBetweenMessages) {
  GrpcAnswer answer;
  EXPECT_FALSE(answer.canTakeTrailers()) << "before its head";
  answer.onHead(answerHead(http::BodyFraming::chunked()));
  EXPECT_TRUE(answer.canTakeTrailers());
  answer.onBody(Bytes("\0\0\0\0\2h", 6));
  EXPECT_FALSE(answer.canTakeTrailers());
  answer.onBody("i");
  EXPECT_TRUE(answer.canTakeTrailers());
}

TEST_F(GrpcReply, LeavesWhatIsNoStreamOfMessagesAlone) {
  const http::ResponseHead heads[] = {answerHead(http::BodyFraming::ofLength(10)),
                                      answerHead(http::BodyFraming::none()),
                                      answerHead(http::BodyFraming::chunked(), "text/html")};
  for (const http::ResponseHead& head : heads) {
    GrpcAnswer answer;
    answer.onHead(head);
    EXPECT_FALSE(answer.canTakeTrailers());
  }
}

TEST_F(GrpcReply, HasTheStatusOfTrailersOrElseOfTheHead) {
  GrpcAnswer silent;
  silent.onHead(answerHead(http::BodyFraming::chunked()));
  EXPECT_EQ(silent.status(), Unknown) << "200 without a grpc-status";
  silent.onTrailers(trailers("5"));
  EXPECT_EQ(silent.status(), NotFound);

  http::ResponseHead only = answerHead(http::BodyFraming::none());
  only.fields.add(http::Header::GrpcStatus, "14");
  GrpcAnswer trailersOnly;
  trailersOnly.onHead(only);
  trailersOnly.onTrailers({});
  EXPECT_EQ(trailersOnly.status(), Unavailable);

  http::ResponseHead gateway = answerHead(http::BodyFraming::none(), "text/html");
  gateway.status = 502;
  GrpcAnswer mapped;
  mapped.onHead(gateway);
  EXPECT_EQ(mapped.status(), Unavailable);
}

TEST_F(GrpcReply, SaysWhyAnAnswerBreaksOff) {
  const http::FieldList fields = grpcTrailers(Reason::IdleTimeout, {}, arena_);
  EXPECT_EQ(fields.value(http::Header::GrpcStatus), "14");
  EXPECT_EQ(fields.find("grpc-message")->value, "outrigger: idle-timeout: the upstream stopped sending");
  EXPECT_EQ(grpcTrailers(Reason::UpstreamReset, "it broke", arena_).find("grpc-message")->value,
            "outrigger: upstream-reset: it broke");
  GrpcAnswer cut;
  cut.onHead(answerHead(http::BodyFraming::chunked()));
  cut.onCut(Reason::DeadlineExceeded);
  EXPECT_EQ(cut.status(), DeadlineExceeded);
}

}  // namespace
}  // namespace outrigger::exchange
