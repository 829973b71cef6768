// What the command line and the config file make of the plan.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "control/cli/redirect.h"
#include "control/config_file.h"
#include "control/listener_table.h"

namespace outrigger::control::cli {
namespace {

using redirect::Plan;
using redirect::PortRange;

/// A config file for as long as it lives.
class File {
 public:
  explicit File(const std::string& yaml) : path_(::testing::TempDir() + "redirect_plan_test.yaml") {
    std::ofstream(path_) << "version: 1\n" << yaml;
  }
  ~File() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(RedirectPlan, IsTheDefaultWhereNothingIsSaid) {
  const auto plan = planOf({});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->inboundPort, 15106);
  EXPECT_EQ(plan->outboundPort, 15101);
  EXPECT_EQ(plan->uid, 15100U);
  EXPECT_EQ(plan->gid, 15100U);
}

TEST(RedirectPlan, TheConfigTellsPortsAndSkips) {
  const File file(R"(
app: {port: 8080}
listen: {inbound: "[::]:9006", outbound: "127.0.0.1:9001", telemetry: "[::]:9090"}
redirect: {enabled: true, skipPorts: [2049], skipCidrs: [169.254.0.0/16]}
upstreams: {db: {endpoints: ["10.0.0.1:5432"], listen: "127.0.0.1:9432"}}
)");
  const auto plan = planOf({.config = file.path(), .skipOutboundPorts = {"8000-8010"}});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->inboundPort, 9006);
  EXPECT_EQ(plan->outboundPort, 9001);
  const auto inbound = redirect::skippedInbound(*plan);
  for (const uint16_t port : std::initializer_list<uint16_t>{53, 2049, 9001, 9006, 9090, 9432, 15100, 15190}) {
    EXPECT_TRUE(std::ranges::any_of(inbound, [&](const PortRange& range) { return range.holds(port); })) << port;
  }
  const auto outbound = redirect::skippedOutbound(*plan);
  EXPECT_NE(std::ranges::find(outbound, PortRange{8000, 8010}), outbound.end());
  ASSERT_EQ(plan->skipNetworks.size(), 1U);
  EXPECT_EQ(plan->skipNetworks[0].text(), "169.254.0.0/16");
}

TEST(RedirectPlan, WithoutAnAppOnlyOutboundIsRedirected) {
  const File file("redirect: {enabled: true}\nupstreams: {a: {endpoints: ['10.0.0.1:80']}}\n");
  const auto plan = planOf({.config = file.path()});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->inboundPort, 0);
  EXPECT_EQ(plan->outboundPort, 15101);
}

TEST(RedirectPlan, EverythingThatIsWrongIsToldAtOnce) {
  const auto plan = planOf({.inboundPort = "0",
                            .outboundPort = "http",
                            .skipInboundPorts = {"22", "9-1"},
                            .skipCidrs = {"10.0.0.1/8", "everything"}});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error(),
            "--inbound-port: `0` is no port: try 15106, or none\n"
            "--outbound-port: `http` is no port: try 15106, or none\n"
            "--skip-inbound-ports: 9-1 runs backwards: try 1-9\n"
            "--skip-cidrs: 10.0.0.1/8 has bits behind its prefix: try 10.0.0.0/8\n"
            "--skip-cidrs: everything is no network: try 10.0.0.0/8, 192.0.2.7 or fd00::/8\n");
  EXPECT_NE(planOf({.inboundPort = "none", .outboundPort = "none"}).error().find("nothing is redirected"),
            std::string::npos);
  EXPECT_NE(planOf({.inboundPort = "15101"}).error().find("both 15101"), std::string::npos);
}

TEST(RedirectPlan, AConfigThatCannotBeUsedIsToldAsByCheck) {
  EXPECT_NE(planOf({.config = "/nowhere/outrigger.yaml"}).error().find("/nowhere/outrigger.yaml"), std::string::npos);
  const File file("redirect: {enabledd: true}\n");
  EXPECT_NE(planOf({.config = file.path()}).error().find("try: enabled"), std::string::npos);
}

// ---- The listeners of redirect mode

config::Model modelOf(const std::string& yaml) {
  const auto loaded = loadConfig({.path = "f", .parts = {{"f", "version: 1\n" + yaml}}, .hash = ""});
  if (loaded.model == nullptr) ADD_FAILURE() << renderAll(loaded.diagnostics);
  return loaded.model == nullptr ? config::Model() : *loaded.model;
}

TEST(ListenerPlans, RedirectModeAsksForDestinationsAndListensForIpv6) {
  const auto plans = planListeners(modelOf("app: {port: 8080}\nredirect: {enabled: true}\n"));
  EXPECT_TRUE(plans.at("inbound").role->redirected);
  EXPECT_TRUE(plans.at("outbound").role->redirected);
  EXPECT_FALSE(plans.at("outbound").mayFail);
  ASSERT_TRUE(plans.contains("outbound ipv6"));
  EXPECT_EQ(plans.at("outbound ipv6").address.text(), "[::1]:15101");
  EXPECT_EQ(plans.at("outbound ipv6").role, plans.at("outbound").role);
  EXPECT_TRUE(plans.at("outbound ipv6").mayFail) << "a machine without IPv6";
}

TEST(ListenerPlans, OneThatListensForBothFamiliesNeedsNoOther) {
  const auto plans = planListeners(modelOf("listen: {outbound: '[::]:15101'}\nredirect: {enabled: true}\n"));
  EXPECT_FALSE(plans.contains("outbound ipv6"));
}

TEST(ListenerPlans, WithoutRedirectModeNobodyAsks) {
  const auto plans = planListeners(modelOf("app: {port: 8080}\n"));
  EXPECT_FALSE(plans.at("inbound").role->redirected);
  EXPECT_FALSE(plans.at("outbound").role->redirected);
  EXPECT_FALSE(plans.contains("outbound ipv6"));
}

}  // namespace
}  // namespace outrigger::control::cli
