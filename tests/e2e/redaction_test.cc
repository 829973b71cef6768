// Nothing that a request or an answer holds comes out of the process by another way: markers in every place, then a
// search through all that it has written and shows.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Client;
using real::World;

// Hands out texts that occur nowhere else.
class Markers {
 public:
  std::string next() { return "mRkR" + std::to_string(++count_) + "zQx"; }
  size_t count() const { return count_; }
  /// The markers that stand in a text, in any case.
  static std::string foundIn(std::string text) {
    for (char& c : text) c = lowerAscii(c);
    std::string found;
    for (size_t at = text.find("mrkr"); at != std::string::npos; at = text.find("mrkr", at + 1)) {
      found += text.substr(at < 60 ? 0 : at - 60, 100) + "\n";
    }
    return found;
  }

 private:
  size_t count_ = 0;
};

std::string config(const std::string& more = "") {
  return "app: {address: '${app}', protocol: http1}\n"  // with auto, what is no HTTP would be tunnelled
         "admin: {actions: true}\n"
         "log: {access: all, level: debug" +
         more +
         "}\n"
         "access: {default: allow, rules: [{name: no-admin, prefix: /admin, allow: false}]}\n"
         "upstreams: {orders: {endpoints: ['${orders}']}, gone: {endpoints: ['127.0.0.1:1']}}\n"
         "routes:\n"
         "- {name: suffix, match: {host: .example.com, prefix: /v1}, to: orders}\n"
         "- {name: elsewhere, match: {host: old}, redirect: {host: new.example}}\n";
}

// A request whose every part holds a marker.
std::string fullOf(Markers& m, const std::string& method, const std::string& host, const std::string& start) {
  const std::string body = "{\"secret\": \"" + m.next() + "\"}";
  std::string text =
      method + " " + start + m.next() + "?q=" + m.next() + "&" + m.next() + " HTTP/1.1\r\nhost: " + host + "\r\n";
  text += "cookie: session=" + m.next() + "; " + m.next() + "=1\r\n";
  text += "authorization: Bearer " + m.next() + "\r\n";
  text += "x-api-key: " + m.next() + "\r\n";
  text += m.next() + ": 1\r\n";
  text += "x-request-id: " + m.next() + "\r\n";
  text += "traceparent: " + m.next() + "\r\n";
  text += "tracestate: a=" + m.next() + "\r\n";
  text += "user-agent: " + m.next() + "\r\n";
  text += "referer: http://x/" + m.next() + "\r\n";
  text += "x-forwarded-for: " + m.next() + "\r\n";
  text += "outrigger-reason: " + m.next() + "\r\n";
  text += "grpc-metadata-bin: " + m.next() + "\r\n";
  text += "transfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n";
  std::ostringstream size;
  size << std::hex << body.size();
  return text + size.str() + "\r\n" + body + "\r\n0\r\nx-sum: " + m.next() + "\r\n\r\n";
}

std::string everythingShown(real::Sidecar& sidecar) {
  std::string all = sidecar.process().out() + sidecar.process().err();
  for (const char* page : {"/", "/api/status", "/api/config", "/api/config/history", "/api/upstreams", "/api/decisions",
                           "/metrics", "/ready", "/live", "/nowhere"}) {
    all += sidecar.page(page).body;
  }
  return all + sidecar.page("/metrics", "telemetry").body;
}

bool hasRecords(real::Sidecar& sidecar, size_t count) {
  return sidecar.process().waitForOutput([count](const std::string& out, const std::string&) {
    size_t seen = 0;
    for (size_t at = out.find("\"request_bytes\""); at != std::string::npos;
         at = out.find("\"request_bytes\"", at + 1)) {
      ++seen;
    }
    return seen >= count;
  });
}

TEST(Redaction, NoMarkerOfAnyRequestOrAnswerComesOut) {
  World world;
  Markers m;
  world.upstream("app").replies(200, m.next(), {{"set-cookie", m.next()}, {"x-answer", m.next()}});
  world.upstream("orders").replies(503, m.next(), {{"outrigger-reason", m.next()}, {"retry-after", m.next()}});
  auto& sidecar = world.sidecar(config());
  const struct {
    Direction direction;
    const char* method;
    const char* host;
    const char* start;
  } requests[] = {
      {Direction::Inbound, "POST", "app", "/"},                  // served
      {Direction::Inbound, "PUT", "app", "/admin/"},             // refused by access
      {Direction::Outbound, "POST", "orders", "/v2/"},           // the upstream fails
      {Direction::Outbound, "GET", "gone", "/"},                 // no connection
      {Direction::Outbound, "GET", "mRkR-nobody", "/"},          // no route
      {Direction::Outbound, "GET", "mRkR.example.com", "/v1/"},  // by a suffix
      {Direction::Outbound, "GET", "old", "/"},                  // redirected
      {Direction::Outbound, "SEARCH", "orders", "/"},
  };
  size_t records = 0;
  for (const auto& request : requests) {
    Client client = sidecar.connect(request.direction);
    ASSERT_TRUE(client.send(fullOf(m, request.method, request.host, request.start)));
    EXPECT_GT(client.read(request.method).status, 0) << request.host;
    ++records;
  }
  EXPECT_GE(m.count(), 60U);
  ASSERT_TRUE(hasRecords(sidecar, records)) << sidecar.process().out();
  const std::string all = everythingShown(sidecar);
  EXPECT_EQ(Markers::foundIn(all), "");
  EXPECT_NE(all.find("\"reason\":\"unauthenticated\""), std::string::npos);
  EXPECT_NE(all.find("by the access rule no-admin"), std::string::npos) << "the decisions are among what was searched";
}

TEST(Redaction, NorOfWhatIsNoRequest) {
  World world;
  Markers m;
  world.upstream("app");
  world.upstream("orders");
  auto& sidecar = world.sidecar(config());
  const std::string wrong[] = {
      m.next() + "\r\n\r\n",
      "GET /" + m.next() + " HTTP/9.9\r\n\r\n",
      "GET " + m.next() + " HTTP/1.1\r\nhost: a\r\n\r\n",
      m.next() + " / HTTP/1.1\r\nhost: app\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: a\r\nbad " + m.next() + ": x\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: a\r\nhost: " + m.next() + "\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: a b " + m.next() + "\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: app\r\ncontent-length: " + m.next() + "\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: app\r\ntransfer-encoding: " + m.next() + "\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: app\r\ntransfer-encoding: chunked\r\n\r\n" + m.next() + "\r\n",
      "GET /" + m.next() + std::string(9000, 'x') + " HTTP/1.1\r\nhost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: a\r\nx: " + m.next() + std::string(70'000, 'x') + "\r\n\r\n",
  };
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    for (const std::string& text : wrong) {
      Client client = sidecar.connect(direction);
      client.send(text);
      EXPECT_GE(client.read("GET").status, 400) << text.substr(0, 100);
    }
  }
  // The pages take requests as well.
  for (const char* listener : {"admin", "telemetry"}) {
    Client client(sidecar.address(listener));
    client.send("GET /api/" + m.next() + "?" + m.next() + " HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: " + m.next() +
                "\r\n\r\n");
    EXPECT_EQ(client.read("GET").status, 404);
  }
  ASSERT_TRUE(hasRecords(sidecar, 2 * std::size(wrong))) << sidecar.process().out();
  EXPECT_EQ(Markers::foundIn(everythingShown(sidecar)), "");
}

TEST(Redaction, HostAndPathAreRecordedWhereTheConfigSaysSo) {
  World world;
  world.upstream("app");
  world.upstream("orders");
  auto& sidecar = world.sidecar(config(", path: full"));
  EXPECT_EQ(sidecar.get("shop.example.com", "/v1/items?secret=1").status, 200);
  ASSERT_TRUE(hasRecords(sidecar, 1));
  EXPECT_NE(sidecar.process().out().find("\"host\":\"shop.example.com\",\"path\":\"/v1/items\""), std::string::npos)
      << sidecar.process().out();
}

TEST(Redaction, TheProcessLeavesNoCore) {
  World world;
  auto& sidecar = world.sidecar("");
  std::ifstream limits("/proc/" + std::to_string(sidecar.process().pid()) + "/limits");
  const std::string text{std::istreambuf_iterator<char>(limits), {}};
  const size_t at = text.find("Max core file size");
  ASSERT_NE(at, std::string::npos) << text;
  std::istringstream line(text.substr(at + 18));
  std::string soft, hard;
  line >> soft >> hard;
  EXPECT_EQ(soft, "0");
  EXPECT_EQ(hard, "0");
}

}  // namespace
}  // namespace outrigger::e2e
