// A new config under traffic: nobody notices, however the file is changed.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/e2e/traffic.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Sidecar;
using real::TemporaryFolder;
using real::World;

// Each version answers /version itself, so that one sees which is in effect.
std::string version(int number) {
  return "upstreams: {orders: {endpoints: ['${orders}']}}\n"
         "routes:\n"
         "- {match: {host: orders, path: /version}, respond: {status: 200, body: 'v" +
         std::to_string(number) + "'}}\n";
}

class Reload : public ::testing::Test {
 protected:
  Sidecar& start(const Sidecar::Options& options = {}) {
    world_.upstream("orders");
    sidecar_ = &world_.sidecar(version(0), options);
    traffic_.emplace(Traffic::Ask{.address = sidecar_->address("outbound")}, 2);
    return *sidecar_;
  }
  void TearDown() override {
    if (!traffic_) return;
    traffic_->stop();
    EXPECT_GT(traffic_->good(), 0U);
    EXPECT_TRUE(traffic_->failures().empty()) << traffic_->failures().front();
  }

  std::string versionInEffect() { return sidecar_->get("orders", "/version").body; }

  World world_;
  Sidecar* sidecar_ = nullptr;
  std::optional<Traffic> traffic_;
};

TEST_F(Reload, AFileWrittenInPlace) {
  auto& sidecar = start();
  const std::string before = sidecar.address("outbound").text();
  for (int i = 1; i <= 3; ++i) {
    sidecar.write(version(i));
    ASSERT_TRUE(sidecar.waitForEvents("config-applied", static_cast<size_t>(i))) << sidecar.process().err();
    EXPECT_EQ(versionInEffect(), "v" + std::to_string(i));
  }
  EXPECT_EQ(sidecar.address("outbound").text(), before);
  EXPECT_EQ(sidecar.events("listening").size(), 3U) << "no listener is opened anew";
}

TEST_F(Reload, AFileRenamedOverTheOld) {
  auto& sidecar = start();
  for (int i = 1; i <= 3; ++i) {
    const std::filesystem::path fresh = sidecar.configFile().string() + ".new";
    real::writeFile(fresh, sidecar.complete(version(i)));
    std::filesystem::rename(fresh, sidecar.configFile());
    ASSERT_TRUE(sidecar.waitForEvents("config-applied", static_cast<size_t>(i))) << sidecar.process().err();
    EXPECT_EQ(versionInEffect(), "v" + std::to_string(i));
  }
  EXPECT_TRUE(sidecar.events("config-rejected").empty()) << "no half of a file is ever seen";
}

// As Kubernetes does it: the file is a link into ..data, which is a link to a folder and is swapped.
TEST_F(Reload, AConfigMapSwappedTenTimes) {
  const TemporaryFolder mount;
  const auto publish = [&](int number) {
    const std::string folder = "..version-" + std::to_string(number);
    std::filesystem::create_directory(mount / folder);
    real::writeFile(mount / folder / "outrigger.yaml", world_.complete(version(number)));
    std::filesystem::create_directory_symlink(folder, mount / "..data-new");
    std::filesystem::rename(mount / "..data-new", mount / "..data");
    if (number > 0) std::filesystem::remove_all(mount / ("..version-" + std::to_string(number - 1)));
  };
  world_.upstream("orders");
  publish(0);
  std::filesystem::create_symlink("..data/outrigger.yaml", mount / "outrigger.yaml");
  auto& sidecar = start({.configFile = mount / "outrigger.yaml", .descriptors = std::nullopt, .arguments = {}});
  for (int i = 1; i <= 10; ++i) {
    publish(i);
    ASSERT_TRUE(sidecar.waitForEvents("config-applied", static_cast<size_t>(i))) << sidecar.process().err();
    EXPECT_EQ(versionInEffect(), "v" + std::to_string(i));
  }
  EXPECT_TRUE(sidecar.events("config-rejected").empty());
}

TEST_F(Reload, ABadFileChangesNothing) {
  auto& sidecar = start();
  sidecar.write(version(1) + "upstreems: {}\n");
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected"));
  const std::string text = sidecar.events("config-rejected").front().at("text");
  EXPECT_NE(text.find("outrigger.yaml:6:1 OR1"), std::string::npos) << text;
  EXPECT_EQ(versionInEffect(), "v0");
  EXPECT_NE(sidecar.page("/metrics").body.find("\noutrigger_config_last_reload_successful 0\n"), std::string::npos);
  const auto config = sidecar.json("/api/status").at("config");
  EXPECT_EQ(config.at("newest_is_in_effect"), false);
  EXPECT_NE(config.at("error").get<std::string>().find("outrigger.yaml:6:1"), std::string::npos);

  sidecar.write(version(2));
  ASSERT_TRUE(sidecar.waitForEvents("config-applied"));
  EXPECT_EQ(versionInEffect(), "v2");
  EXPECT_NE(sidecar.page("/metrics").body.find("\noutrigger_config_last_reload_successful 1\n"), std::string::npos);
}

TEST_F(Reload, AFileThatIsGoneOrEmptyChangesNothing) {
  auto& sidecar = start();
  std::filesystem::remove(sidecar.configFile());
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected", 1));
  EXPECT_EQ(versionInEffect(), "v0");
  real::writeFile(sidecar.configFile(), "");
  ASSERT_TRUE(sidecar.waitForEvents("config-rejected", 2));
  EXPECT_EQ(versionInEffect(), "v0");
}

TEST_F(Reload, ASignalReloadsAtOnce) {
  auto& sidecar = start();
  sidecar.write(version(1));
  sidecar.process().signal(SIGHUP);
  ASSERT_TRUE(sidecar.waitForEvents("config-applied"));
  EXPECT_EQ(versionInEffect(), "v1");
}

TEST_F(Reload, ListenersComeAndGo) {
  auto& sidecar = start();
  sidecar.write("upstreams: {orders: {endpoints: ['${orders}'], listen: '127.0.0.1:0'}}\n");
  ASSERT_TRUE(sidecar.waitForEvents("config-applied", 1));
  const Address own = sidecar.address("upstream orders");
  EXPECT_EQ(real::Client(own).get("any", "/x").status, 200);
  sidecar.write(version(2));
  ASSERT_TRUE(sidecar.waitForEvents("config-applied", 2));
  EXPECT_TRUE(real::waitUntil([&] { return !real::Socket::tryConnectTo(own); }));
}

// Addresses of its own for a config that names them; free when this was asked.
std::string freeAddress() {
  return real::Socket::bindAnywhere().localAddress().text();
}

std::string ownListeners(const std::string& first, const std::string& firstAt, const std::string& second,
                         const std::string& secondAt) {
  return "upstreams: {" + first + ": {endpoints: ['${orders}'], listen: '" + firstAt + "'}, " + second +
         ": {endpoints: ['${other}'], listen: '" + secondAt + "'}}\n";
}

std::string bodyAt(const std::string& address) {
  return real::Client(Address::parse(address).value()).get("any", "/x").body;
}

TEST(ReloadOfListeners, ARenamedUpstreamKeepsItsSocket) {
  World world;
  world.upstream("orders").replies(200, "orders");
  world.upstream("other").replies(200, "other");
  const std::string one = freeAddress();
  const real::TemporaryFolder folder;
  const std::string two = "unix:" + (folder / "two").string();
  auto& sidecar = world.sidecar(ownListeners("a", one, "b", two));
  sidecar.write(ownListeners("c", one, "d", two));
  ASSERT_TRUE(sidecar.waitForEvents("config-applied")) << sidecar.process().err();
  EXPECT_EQ(bodyAt(one), "orders");
  EXPECT_EQ(bodyAt(two), "other");
}

TEST(ReloadOfListeners, TwoSwapTheirPorts) {
  World world;
  world.upstream("orders").replies(200, "orders");
  world.upstream("other").replies(200, "other");
  const std::string one = freeAddress();
  const std::string two = freeAddress();
  auto& sidecar = world.sidecar(ownListeners("a", one, "b", two));
  sidecar.write(ownListeners("a", two, "b", one));
  ASSERT_TRUE(sidecar.waitForEvents("config-applied")) << sidecar.process().err();
  ASSERT_TRUE(real::waitUntil([&] { return bodyAt(two) == "orders"; }));
  EXPECT_EQ(bodyAt(one), "other");
}

// Between a worker's thread and the control thread.
TEST(ReloadOfListeners, ThePagesMoveToAnUpstreamsPort) {
  World world;
  world.upstream("orders").replies(200, "orders");
  const std::string one = freeAddress();
  const std::string two = freeAddress();
  const auto listen = [](const std::string& admin, const std::string& own) {
    return "listen: {inbound: none, outbound: none, telemetry: none, admin: '" + admin +
           "'}\nupstreams: {orders: {endpoints: ['${orders}'], listen: '" + own + "'}}\n";
  };
  auto& sidecar = world.sidecar(listen(one, two));
  sidecar.write(listen(two, one));
  ASSERT_TRUE(sidecar.waitForEvents("config-applied")) << sidecar.process().err();
  ASSERT_TRUE(real::waitUntil([&] { return bodyAt(one) == "orders"; }));
  EXPECT_EQ(real::Client(Address::parse(two).value()).request("GET", two, "/live").status, 200);
}

}  // namespace
}  // namespace outrigger::e2e
