// Peers that others wrote: curl before the sidecar, Python's http.server and nginx behind it.
#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "proxy/net/digest.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;
using real::Process;
using real::runToEnd;
using real::Sidecar;
using real::TemporaryFolder;
using real::World;

constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}\n";
constexpr size_t kLargeFile = 64 * 1024 * 1024;

std::string url(const Sidecar& sidecar, const std::string& path) {
  return "http://" + sidecar.address("outbound").text() + path;
}

/// curl, quiet but for errors, asking for the host `orders`.
Outcome curl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"curl", "-sS", "--max-time", "60", "-H", "Host: orders"});
  return runToEnd(arguments);
}

std::string noise(size_t size) {
  std::mt19937_64 generator(7);
  std::string octets;
  while (octets.size() < size) {
    const uint64_t next = generator();
    octets.append(reinterpret_cast<const char*>(&next), sizeof next);
  }
  octets.resize(size);
  return octets;
}

// ---- curl

TEST(Curl, KeepsItsConnection) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  const std::string at = url(sidecar, "/x");
  const Outcome outcome = curl({"-w", " %{http_code} %{num_connects}\n", at, at, at});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "ok 200 1\nok 200 0\nok 200 0\n");
  EXPECT_EQ(orders.hits(), 3U);
}

TEST(Curl, UsesTheSidecarAsItsProxy) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  const Outcome outcome =
      runToEnd({"curl", "-sS", "-x", "http://" + sidecar.address("outbound").text(), "http://orders/v1?a=b"});
  EXPECT_EQ(outcome.out, "ok") << outcome.err;
  ASSERT_EQ(orders.hits(), 1U);
  EXPECT_EQ(orders.requests()[0].target, "/v1?a=b");
  EXPECT_EQ(orders.requests()[0].header("proxy-connection"), "");
}

TEST(Curl, ExpectsToContinueBeforeALargePost) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  const TemporaryFolder folder;
  const std::string content = noise(2 * 1024 * 1024);
  real::writeFile(folder / "content", content);
  const Outcome outcome = curl({"-v", "--expect100-timeout", "60", "-H", "Expect: 100-continue", "--data-binary",
                                "@" + (folder / "content").string(), url(sidecar, "/x")});
  EXPECT_EQ(outcome.out, "ok") << outcome.err;
  EXPECT_NE(outcome.err.find("< HTTP/1.1 100 Continue"), std::string::npos) << outcome.err;
  ASSERT_EQ(orders.hits(), 1U);
  EXPECT_TRUE(orders.requests()[0].body == content);
}

TEST(Curl, SpeaksHttp10) {
  World world;
  world.upstream("orders").sends(
      "HTTP/1.1 200 OK\r\ndate: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
  auto& sidecar = world.sidecar(kOrders);
  const Outcome outcome = curl({"-0", "-i", url(sidecar, "/x")});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "HTTP/1.1 200 OK\r\ndate: x\r\nconnection: close\r\n\r\nhi");
}

TEST(Curl, ReadsALocalAnswer) {
  World world;
  auto& sidecar = world.sidecar("listen: {outbound: '127.0.0.1:0', admin: none, telemetry: none}\n");
  const Outcome outcome = curl({"-w", "%{http_code}", url(sidecar, "/x")});
  EXPECT_EQ(outcome.out, "outrigger: no-route: no route matches this request\n404");
}

// ---- Python's http.server

class PythonOrigin : public ::testing::Test {
 protected:
  PythonOrigin() : origin_({"python3", script(), folder_.path().string()}) {
    const auto listening = [](const std::string& out, const std::string&) { return out.ends_with("\n"); };
    if (!origin_.waitForOutput(listening)) throw std::runtime_error("the origin does not start: " + origin_.err());
    const std::string port = origin_.out().substr(origin_.out().find(' ') + 1);
    sidecar_ =
        &world_.sidecar("upstreams: {orders: {endpoints: ['127.0.0.1:" + port.substr(0, port.size() - 1) + "']}}\n");
  }

  static std::string script() { return std::filesystem::path(__FILE__).parent_path() / "origin.py"; }

  TemporaryFolder folder_;
  Process origin_;
  World world_;
  Sidecar* sidecar_ = nullptr;
};

TEST_F(PythonOrigin, ChunksArriveWithTheirTrailers) {
  const auto response = sidecar_->get("orders", "/chunks/50");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.body, std::string(50'000, 'c'));
  EXPECT_EQ(response.trailers, (test::Headers{{"x-sum", "fine"}}));
}

TEST_F(PythonOrigin, AnAnswerUntilTheEndKeepsTheCallersConnection) {
  real::Client client = sidecar_->connect();
  for (int i = 0; i < 3; ++i) {
    const auto response = client.get("orders", "/until-close");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "until the end");
    EXPECT_TRUE(client.usable());
  }
}

TEST_F(PythonOrigin, ChunksOfARequestArrive) {
  real::Client client = sidecar_->connect();
  client.send("POST /x HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("5\r\nhello\r\n2\r\n, \r\n5\r\nworld\r\n0\r\nx-trailer: 1\r\n\r\n");
  const auto response = client.read("POST");
  EXPECT_EQ(nlohmann::json::parse(response.body).at("sha256"), net::sha256Hex("hello, world"));
}

TEST_F(PythonOrigin, ALargeFileComesDownUnchanged) {
  const std::string content = noise(kLargeFile);
  real::writeFile(folder_ / "large", content);
  const std::string copy = folder_ / "copy";
  const Outcome outcome = curl({"-o", copy, "-w", "%{http_code}", url(*sidecar_, "/large")});
  EXPECT_EQ(outcome.out, "200") << outcome.err;
  EXPECT_EQ(net::sha256Hex(real::readFile(copy)), net::sha256Hex(content));
}

TEST_F(PythonOrigin, ALargeFileGoesUpUnchanged) {
  const std::string content = noise(kLargeFile);
  real::writeFile(folder_ / "large", content);
  for (const char* framing : {"Content-Length: 67108864", "Transfer-Encoding: chunked"}) {
    SCOPED_TRACE(framing);
    const Outcome outcome =
        curl({"-T", folder_ / "large", "-H", framing, "-H", "Expect: 100-continue", url(*sidecar_, "/up")});
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    const auto seen = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(seen.at("bytes"), kLargeFile);
    EXPECT_EQ(seen.at("sha256"), net::sha256Hex(content));
  }
}

// ---- nginx

class Nginx : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string socket = folder_ / "nginx.sock";
    std::filesystem::create_directory(folder_ / "html");
    real::writeFile(folder_ / "html/small.txt", "small");
    real::writeFile(folder_ / "html/large.bin", noise(3 * 1024 * 1024));
    real::writeFile(folder_ / "nginx.conf", config(socket));
    nginx_.emplace(
        std::vector<std::string>{"nginx", "-p", folder_.path().string(), "-e", "stderr", "-c", "nginx.conf"});
    // Its socket is open before it says which limits it has.
    const auto open = [](const std::string&, const std::string& err) {
      return err.find("getrlimit") != std::string::npos;
    };
    ASSERT_TRUE(nginx_->waitForOutput(open)) << nginx_->err();
    sidecar_ = &world_.sidecar("upstreams: {orders: {endpoints: ['unix:" + socket + "']}}\n");
  }

  std::string config(const std::string& socket) const {
    std::string text = "daemon off; master_process off; error_log stderr notice; pid nginx.pid;\n";
    text += "events { worker_connections 256; }\nhttp {\n  access_log off; keepalive_requests 3;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      text += std::string("  ") + kind + "_temp_path " + (folder_ / kind).string() + ";\n";
    }
    text += "  server {\n    listen unix:" + socket + ";\n    root " + (folder_ / "html").string() + ";\n";
    text += "    location /gone { return 410 \"gone\"; }\n    location /nothing { return 204; }\n  }\n}\n";
    return text;
  }

  TemporaryFolder folder_;
  std::optional<Process> nginx_;
  World world_;
  Sidecar* sidecar_ = nullptr;
};

TEST_F(Nginx, FilesArriveWhole) {
  const auto response = sidecar_->get("orders", "/large.bin");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body == noise(3 * 1024 * 1024));
}

TEST_F(Nginx, AnswersWithoutContentKeepTheConnectionInStep) {
  real::Client client = sidecar_->connect();
  const auto head = client.request("HEAD", "orders", "/small.txt");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "5");
  EXPECT_EQ(client.request("GET", "orders", "/small.txt", {{"if-none-match", head.header("etag")}}).status, 304);
  EXPECT_EQ(client.get("orders", "/nothing").status, 204);
  EXPECT_EQ(client.get("orders", "/gone").status, 410);
  EXPECT_EQ(client.request("GET", "orders", "/small.txt", {{"range", "bytes=1-3"}}).body, "mal");
  EXPECT_EQ(client.request("POST", "orders", "/small.txt", {}, std::string(100'000, 'x')).status, 405);
  EXPECT_EQ(client.get("orders", "/small.txt").body, "small");
}

// It ends each connection after three requests, and says so: nobody may notice.
TEST_F(Nginx, AConnectionThatItEndsIsNotUsedAgain) {
  real::Client client = sidecar_->connect();
  for (int i = 0; i < 50; ++i) {
    const auto response = client.get("orders", "/small.txt");
    ASSERT_EQ(response.status, 200) << i;
    EXPECT_EQ(response.header("outrigger-attempts"), "");
  }
}

TEST_F(Nginx, ItsOrderlyEndIsSeenAsRefusal) {
  EXPECT_EQ(sidecar_->get("orders", "/small.txt").status, 200);
  nginx_->signal(SIGQUIT);
  EXPECT_EQ(nginx_->wait(), 0);
  const auto response = sidecar_->post("orders", "/small.txt", "x");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.reason(), "connect-failed");
}

}  // namespace
}  // namespace outrigger::e2e
