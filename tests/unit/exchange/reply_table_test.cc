#include "proxy/exchange/reply_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace outrigger::exchange {
namespace {

// CONTRACT §5. Status 0: as configured, or the upstream's own.
struct Row {
  Reason reason;
  const char* word;
  uint16_t status;
};
constexpr Row kContract[] = {
    {Reason::Ok, "ok", 0},
    {Reason::NoRoute, "no-route", 404},
    {Reason::NoEndpoints, "no-endpoints", 503},
    {Reason::BreakerOpen, "breaker-open", 503},
    {Reason::LimitConnections, "limit-connections", 503},
    {Reason::LimitRequests, "limit-requests", 503},
    {Reason::LimitPending, "limit-pending", 503},
    {Reason::PendingTimeout, "pending-timeout", 503},
    {Reason::RateLimited, "rate-limited", 429},
    {Reason::Shed, "shed", 503},
    {Reason::Malformed, "malformed", 400},
    {Reason::HeaderTimeout, "header-timeout", 408},
    {Reason::BodyTimeout, "body-timeout", 408},
    {Reason::BodyTooLarge, "body-too-large", 413},
    {Reason::UriTooLong, "uri-too-long", 414},
    {Reason::HeadersTooLarge, "headers-too-large", 431},
    {Reason::Unsupported, "unsupported", 501},
    {Reason::UnsupportedVersion, "unsupported", 505},
    {Reason::UpstreamReset, "upstream-reset", 502},
    {Reason::UpstreamMalformed, "upstream-malformed", 502},
    {Reason::ConnectFailed, "connect-failed", 503},
    {Reason::ConnectTimeout, "connect-timeout", 503},
    {Reason::TlsFailed, "tls-failed", 503},
    {Reason::AttemptTimeout, "attempt-timeout", 504},
    {Reason::RequestTimeout, "request-timeout", 504},
    {Reason::DeadlineExceeded, "deadline-exceeded", 504},
    {Reason::IdleTimeout, "idle-timeout", 504},
    {Reason::Denied, "denied", 403},
    {Reason::Unauthenticated, "unauthenticated", 401},
    {Reason::FaultInjected, "fault-injected", 0},
    {Reason::Draining, "draining", 503},
    {Reason::ClientClosed, "client-closed", 499},
    {Reason::Responded, "responded", 0},
    {Reason::Redirected, "redirected", 0},
    {Reason::Loop, "loop", 508},
    {Reason::Internal, "internal", 500},
};

TEST(ReplyTable, IsTheOneOfTheContract) {
  ASSERT_EQ(std::size(kContract), kReasonCount);
  std::set<Reason> seen;
  for (const Row& row : kContract) {
    EXPECT_TRUE(seen.insert(row.reason).second) << row.word;
    EXPECT_EQ(replyRow(row.reason).word, row.word);
    EXPECT_EQ(replyRow(row.reason).status, row.status) << row.word;
  }
}

TEST(ReplyTable, SentencesFitBehindTheWord) {
  for (const Row& row : kContract) {
    const Bytes sentence = replyRow(row.reason).sentence;
    ASSERT_FALSE(sentence.empty()) << row.word;
    EXPECT_FALSE(sentence.ends_with('.')) << row.word;
    EXPECT_EQ(sentence.find_first_of("\"\\\r\n"), Bytes::npos) << row.word << ": it stands in JSON and in headers";
  }
}

TEST(ReplyTable, WordsAreFoundAgain) {
  for (const Row& row : kContract) {
    const auto reason = reasonOf(row.word);
    ASSERT_TRUE(reason) << row.word;
    EXPECT_EQ(replyRow(*reason).word, row.word);
  }
  EXPECT_FALSE(reasonOf(""));
  EXPECT_FALSE(reasonOf("OK"));
  EXPECT_FALSE(reasonOf("no-such-reason"));
}

TEST(ReplyTable, WhatIsNoErrorIsWhatWasAskedFor) {
  for (const Row& row : kContract) {
    const bool asked = row.reason == Reason::Ok || row.reason == Reason::Responded || row.reason == Reason::Redirected;
    EXPECT_EQ(replyRow(row.reason).isError, !asked) << row.word;
  }
}

}  // namespace
}  // namespace outrigger::exchange
