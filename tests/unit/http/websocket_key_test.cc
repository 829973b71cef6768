#include "proxy/http/websocket_key.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace outrigger::http {
namespace {

// RFC 6455 §1.3, and what OpenSSL makes of keys whose lengths end before, at and behind the padding of SHA-1.
TEST(WebSocketKey, AcceptsAsTheRfcSays) {
  EXPECT_EQ(WebSocketAccept("dGhlIHNhbXBsZSBub25jZQ==").text(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(WebSocketAccept(std::string(0, 'k')).text(), "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=");
  EXPECT_EQ(WebSocketAccept(std::string(19, 'k')).text(), "tWclcP21hrR+xgjYVswtQRW71GQ=");
  EXPECT_EQ(WebSocketAccept(std::string(20, 'k')).text(), "tSsjsIAvEVIQ+IC5K8+T/OkG8nU=");
  EXPECT_EQ(WebSocketAccept(std::string(27, 'k')).text(), "qUNe7W8rvas6tQS5F4QBTf/JpvE=");
  EXPECT_EQ(WebSocketAccept(std::string(28, 'k')).text(), "x9bmfLYIxLMaaT5h0sFuRlAhhb8=");
  EXPECT_EQ(WebSocketAccept(std::string(200, 'k')).text(), "HXr7Nbki1tHdEVpq+a7G7IV4VJU=");
}

TEST(WebSocketKey, IsSixteenOctetsAndEachTimeAnother) {
  Rng rng(1);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const WebSocketKey key(rng);
    EXPECT_TRUE(key.text().ends_with("==")) << key.text();
    EXPECT_EQ(key.text().find('='), 22U);
    seen.insert(std::string(key.text()));
  }
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace outrigger::http
