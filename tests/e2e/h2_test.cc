// Callers that speak HTTP/2, as others wrote them: curl, nghttp, h2load.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;
using real::runToEnd;
using real::World;

constexpr const char* kOrders = "upstreams: {orders: {endpoints: ['${orders}']}}\n";

std::string url(const real::Sidecar& sidecar, const std::string& path) {
  return "http://" + sidecar.address("outbound").text() + path;
}

Outcome curl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {"curl", "-sS", "--http2-prior-knowledge", "--max-time", "60", "-H", "Host: orders"});
  return runToEnd(arguments);
}

// One request: curl 7.88 breaks a connection without TLS when it asks on it again, whoever the server is.
TEST(Http2, CurlIsAnswered) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  const Outcome outcome = curl({"-w", " %{http_version} %{http_code}", url(sidecar, "/x")});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "ok 2 200");
  EXPECT_EQ(orders.hits(), 1U);
}

TEST(Http2, CurlUploadsAndDownloadsMuch) {
  World world;
  std::string large(8 * 1024 * 1024, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761U >> 13);
  auto& orders = world.upstream("orders").replies(200, large);
  auto& sidecar = world.sidecar(kOrders);
  const real::TemporaryFolder folder;
  real::writeFile(folder / "upload", large);
  const Outcome outcome = curl({"--data-binary", "@" + (folder / "upload").string(), url(sidecar, "/x")});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_TRUE(outcome.out == large);
  ASSERT_EQ(orders.hits(), 1U);
  EXPECT_TRUE(orders.requests()[0].body == large);
}

TEST(Http2, NghttpAsksOnManyStreamsAtOnce) {
  World world;
  auto& orders = world.upstream("orders");
  auto& sidecar = world.sidecar(kOrders);
  const Outcome outcome = runToEnd({"nghttp", "-m", "50", "-n", "-s", "-H", ":authority: orders", url(sidecar, "/x")});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(orders.hits(), 50U);
}

TEST(Http2, H2loadSeesNoError) {
  World world;
  world.upstream("orders");
  auto& sidecar = world.sidecar(std::string(kOrders) + "routes: [{name: all, match: {prefix: /}, to: orders}]\n");
  const Outcome outcome = runToEnd({"h2load", "-n", "2000", "-c", "4", "-m", "32", url(sidecar, "/x")});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("2000 succeeded, 0 failed, 0 errored"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace outrigger::e2e
