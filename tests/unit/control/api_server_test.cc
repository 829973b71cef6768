#include "control/discovery/api_server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace outrigger::control::discovery {
namespace {

std::expected<outcall::Peer, std::string> find(const std::string& host, const std::string& port) {
  const auto lookUp = [&](Bytes name) -> std::optional<std::string> {
    const std::string& value = name == "KUBERNETES_SERVICE_HOST" ? host : port;
    return value == "unset" ? std::nullopt : std::optional(value);
  };
  return findApiServer(lookUp, "/sa");
}

TEST(ApiServer, TheEnvironmentTells) {
  const auto four = find("10.96.0.1", "443");
  ASSERT_TRUE(four);
  EXPECT_EQ(four->address.text(), "10.96.0.1:443");
  EXPECT_EQ(four->host, "10.96.0.1");
  EXPECT_EQ(four->authority(), "10.96.0.1:443");
  EXPECT_EQ(four->trustFile, "/sa/ca.crt");
  EXPECT_EQ(four->tokenFile, "/sa/token");
  for (const char* host : {"fd00::1", "[fd00::1]"}) {
    const auto six = find(host, "6443");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->address.text(), "[fd00::1]:6443");
    EXPECT_EQ(six->host, "fd00::1");
    EXPECT_EQ(six->authority(), "[fd00::1]:6443");
  }
}

TEST(ApiServer, WhatIsMissingOrWrongIsSaid) {
  for (const auto& [host, port] : {std::pair("unset", "443"), std::pair("10.96.0.1", "unset"), std::pair("", "")}) {
    EXPECT_EQ(find(host, port).error(),
              "an upstream with `kubernetes` needs the API server: set KUBERNETES_SERVICE_HOST and "
              "KUBERNETES_SERVICE_PORT, as every pod has them");
  }
  EXPECT_NE(find("10.96.0.1", "0x1bb").error().find("is no address"), std::string::npos);
  EXPECT_NE(find("api.example", "443").error().find("KUBERNETES_SERVICE_HOST=api.example"), std::string::npos);
  EXPECT_FALSE(find("unix", "/run/x"));
}

TEST(ApiServer, TheNamespaceStandsInTheServiceAccount) {
  const std::filesystem::path folder = ::testing::TempDir() + "service-account-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "namespace") << "shop\n";
  EXPECT_EQ(ownNamespace(folder).value_or("none"), "shop");
  std::ofstream(folder / "namespace", std::ios::trunc) << "../shop";
  EXPECT_FALSE(ownNamespace(folder));
  std::filesystem::remove_all(folder);
  EXPECT_EQ(ownNamespace(folder).error(), folder.string() +
                                              "/namespace does not tell our namespace: mount the service account's "
                                              "token, or name the `namespace` of the service");
}

}  // namespace
}  // namespace outrigger::control::discovery
