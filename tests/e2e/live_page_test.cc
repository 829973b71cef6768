// The live page, its state and its events, of the real binary.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Sidecar;
using real::Socket;
using real::World;

constexpr const char* kConfig = "upstreams: {orders: {endpoints: ['${orders}']}}\n";

/// Reads /api/events, event by event.
class Events {
 public:
  explicit Events(const Sidecar& sidecar) : socket_(Socket::connectTo(sidecar.address("admin"))) {
    socket_.send("GET /api/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
  }

  /// The data of the next `state`; null if none came in time.
  json next() {
    static constexpr std::string_view kData = "\ndata: ";
    for (;;) {
      const size_t from = text_.find(kData);
      const size_t to = from == std::string::npos ? from : text_.find("\n\n", from);
      if (to != std::string::npos) {
        json state = json::parse(joined(text_.substr(from + kData.size(), to - from - kData.size())), nullptr, false);
        text_.erase(0, to + 1);
        return state;
      }
      const real::Received received = socket_.receive();
      if (received.kind != real::Received::Kind::Octets) return {};
      text_ += received.octets;
    }
  }
  const std::string& begun() const { return text_; }

 private:
  // Data has no line ends but those of chunks.
  static std::string joined(const std::string& raw) {
    std::string out;
    for (size_t at = 0; at < raw.size();) {
      const size_t end = raw.find("\r\n", at);
      out += raw.substr(at, end - at);
      if (end == std::string::npos) break;
      const size_t sizeEnd = raw.find("\r\n", end + 2);  // the chunk's end is followed by the next one's size
      at = sizeEnd == std::string::npos ? raw.size() : sizeEnd + 2;
    }
    return out;
  }

  Socket socket_;
  std::string text_;
};

class LivePage : public ::testing::Test {
 protected:
  LivePage() {
    world_.upstream("orders");
    sidecar_ = &world_.sidecar(kConfig);
  }

  World world_;
  Sidecar* sidecar_ = nullptr;
};

TEST_F(LivePage, TheDocumentIsWholeAndRunsOnlyWhatItBrings) {
  const auto page = sidecar_->page("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  const std::string policy(page.header("content-security-policy"));
  EXPECT_NE(policy.find("default-src 'none'; script-src 'sha256-"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
  EXPECT_NE(page.body.find("<caption>Traffic of the last seconds</caption>"), std::string::npos);
  EXPECT_NE(page.body.find(world_.upstream("orders").address().text()), std::string::npos);
  EXPECT_TRUE(page.body.ends_with("</html>\n"));
}

TEST_F(LivePage, EventsTellTheWholeStateFirstAndThenWhatIsNew) {
  Events events(*sidecar_);
  const json first = events.next();
  ASSERT_TRUE(first.is_object()) << events.begun();
  EXPECT_EQ(first.at("whole"), true);
  EXPECT_EQ(first.at("upstreams")[0].at("name"), "orders");
  EXPECT_TRUE(first.contains("config"));
  sidecar_->get("orders", "/x");
  const json second = events.next();
  ASSERT_TRUE(second.is_object()) << events.begun();
  EXPECT_EQ(second.at("whole"), false);
  EXPECT_FALSE(second.contains("config")) << "it has not changed";
  EXPECT_GT(second.at("fine_at"), first.at("fine_at"));
  EXPECT_LE(second.at("flows").at("outbound").at("fine").at("per_second").size(), 2U);
}

TEST_F(LivePage, AReaderThatNeverReadsHoldsUpNobody) {
  Socket stuck = Socket::connectTo(sidecar_->address("admin"));
  ASSERT_TRUE(stuck.send("GET /api/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"));
  Events events(*sidecar_);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(events.next().is_object());
  EXPECT_EQ(sidecar_->page("/api/live").status, 200);
}

TEST_F(LivePage, ARejectedReloadIsShown) {
  Events events(*sidecar_);
  ASSERT_TRUE(events.next().is_object());
  sidecar_->write("upstreams: {orders: {endpoints: ['${orders}'], polcy: <b>}}\n");
  ASSERT_TRUE(sidecar_->waitForEvents("config-rejected"));
  const json live = sidecar_->json("/api/live");
  const json rejected = live.at("header").at("config").at("rejected");
  EXPECT_TRUE(rejected.at("at").get<std::string>().starts_with("outrigger.yaml:")) << rejected.dump(2);
  EXPECT_NE(rejected.at("text").get<std::string>().find("polcy"), std::string::npos);
  EXPECT_EQ(live.at("config").at("history")[0].at("result"), "rejected");
  EXPECT_EQ(sidecar_->json("/api/config/history").at("reloads")[0].at("result"), "rejected");
  const auto page = sidecar_->page("/");
  EXPECT_NE(page.body.find("The newest config was rejected"), std::string::npos);
  EXPECT_NE(page.body.find("&lt;b&gt;"), std::string::npos) << "the file's text is text";
  EXPECT_EQ(page.body.find("polcy: <b>"), std::string::npos);
  json event = events.next();
  while (event.is_object() && !event.contains("config")) event = events.next();
  ASSERT_TRUE(event.is_object());
  EXPECT_EQ(event.at("config").at("history")[0].at("result"), "rejected");
}

}  // namespace
}  // namespace outrigger::e2e
