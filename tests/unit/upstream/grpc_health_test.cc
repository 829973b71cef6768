#include "proxy/upstream/grpc_health.h"

#include <gtest/gtest.h>

namespace outrigger::upstream {
namespace {

using http::GrpcStatus;

std::string framed(const std::string& message) {
  std::string body("\0\0\0\0", 4);
  body.push_back(static_cast<char>(message.size()));
  return body + message;
}

std::string failureOf(const std::string& body, GrpcStatus status = GrpcStatus::Ok) {
  GrpcHealthAnswer answer;
  if (!answer.feed(body)) return "too long";
  return answer.failure(status);
}

TEST(GrpcHealth, AsksForAService) {
  EXPECT_EQ(grpcHealthRequest("shop.Cart"), std::string("\0\0\0\0\x0b\x0a\x09shop.Cart", 16));
  EXPECT_EQ(grpcHealthRequest(""), std::string("\0\0\0\0\0", 5)) << "the server as a whole";
  const std::string longName(300, 'x');
  EXPECT_EQ(grpcHealthRequest(longName), std::string("\0\0\0\x01\x2f\x0a\xac\x02", 8) + longName);
}

TEST(GrpcHealth, PassesWhereItIsServing) {
  EXPECT_EQ(failureOf(framed("\x08\x01")), "");
  EXPECT_EQ(failureOf(framed("\x08\x02\x08\x01")), "") << "the last one counts";
  EXPECT_EQ(failureOf(framed(std::string("\x12\x03"
                                         "abc\x08\x01\x19"
                                         "12345678\x25"
                                         "1234\x20\x80\x01",
                                         24))),
            "")
      << "what a later version adds is skipped";
}

TEST(GrpcHealth, SaysWhyElse) {
  EXPECT_EQ(failureOf(framed("\x08\x02")), "NOT_SERVING");
  EXPECT_EQ(failureOf(framed("\x08\x03")), "SERVICE_UNKNOWN");
  EXPECT_EQ(failureOf(framed("")), "UNKNOWN");
  EXPECT_EQ(failureOf(framed("\x08\x63")), "an unknown status");
  EXPECT_EQ(failureOf("", GrpcStatus::Unimplemented), "grpc-status UNIMPLEMENTED");
  EXPECT_EQ(failureOf(framed("\x08\x01"), GrpcStatus::Unavailable), "grpc-status UNAVAILABLE");
}

TEST(GrpcHealth, TakesNothingElseForAnAnswer) {
  const std::string bad[] = {
      "",
      std::string("\0\0\0\0", 4),
      std::string("\1\0\0\0\2\x08\x01", 7),          // compressed
      std::string("\0\0\0\0\3\x08\x01", 7),          // shorter than it says
      std::string("\0\0\0\0\1\x08\x01", 7),          // longer
      std::string("\0\xff\xff\xff\xff\x08\x01", 7),  // a length to boast of
      framed("\x08"),                                // no value
      framed(std::string("\0\1", 2)),                // field 0
      framed("\x0b\x0c"),                            // a group
      framed("\x12\x7f"
             "a"),                                             // longer than the message
      framed("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),  // more than 64 bits
      framed("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
  };
  for (const std::string& body : bad)
    EXPECT_EQ(failureOf(body), "no HealthCheckResponse") << testing::PrintToString(body);
}

TEST(GrpcHealth, IsNotFloodedByAnAnswer) {
  GrpcHealthAnswer answer;
  EXPECT_TRUE(answer.feed(std::string(1000, 'x')));
  EXPECT_FALSE(answer.feed(std::string(25, 'x')));
  EXPECT_FALSE(answer.feed(std::string(1 << 20, 'x')));
  EXPECT_TRUE(answer.feed(std::string(24, 'x')));
}

}  // namespace
}  // namespace outrigger::upstream
