#include <gtest/gtest.h>

#include "proxy/net/event_loop.h"
#include "proxy/net/tls_context.h"
#include "tests/support/certificates.h"

namespace outrigger::net {
namespace {

TEST(CertificateDates, AreToldOfEachWhateverTheTimeIs) {
  const test::TestAuthority authority;
  const TlsMaterial expired = authority.leaf({.days = -2});
  const auto dates = certificateDates(expired.certificate + authority.certificate());
  ASSERT_TRUE(dates.has_value()) << dates.error().text;
  ASSERT_EQ(dates->size(), 2U);
  const WallTime now = wallNow();
  const auto near = [](WallTime a, WallTime b) { return a - b < 5min && b - a < 5min; };
  EXPECT_TRUE(near((*dates)[0].notBefore, now - 24h * 30));
  EXPECT_TRUE(near((*dates)[0].notAfter, now - 24h * 2));
  EXPECT_TRUE(near((*dates)[1].notAfter, now + 24h * 365));
}

TEST(CertificateDates, WhatIsNoCertificateIsSaid) {
  const auto none = certificateDates("hello");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().text, "there is no PEM certificate in it");
}

}  // namespace
}  // namespace outrigger::net
