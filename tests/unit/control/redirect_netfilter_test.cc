// The programs of the system, as stand-ins: which is taken, and whose words are told.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "control/redirect/netfilter.h"
#include "control/redirect/program.h"

namespace outrigger::control::redirect {
namespace {

class RedirectNetfilter : public ::testing::Test {
 protected:
  RedirectNetfilter() { std::filesystem::create_directories(folder_); }
  ~RedirectNetfilter() override { std::filesystem::remove_all(folder_); }

  void install(const std::string& name, const std::string& script) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    ::chmod(path.c_str(), 0755);
  }

  const std::string folder_ = ::testing::TempDir() + "redirect_netfilter_test_" + std::to_string(::getpid());
  const Netfilter netfilter_{{"/nowhere", folder_}};
};

TEST_F(RedirectNetfilter, NftIsTakenWhereItIsAndIptablesWhereItIsNot) {
  EXPECT_EQ(netfilter_.backend(), std::nullopt);
  install("iptables", "exit 0");
  EXPECT_EQ(netfilter_.backend(), Backend::Iptables);
  install("nft", "exit 0");
  EXPECT_EQ(netfilter_.backend(), Backend::Nftables);
}

TEST_F(RedirectNetfilter, TheProgramGetsTheRules) {
  install("nft", "cat > '" + folder_ + "/got'");
  const auto applied = netfilter_.apply(Plan{}, Backend::Nftables);
  ASSERT_TRUE(applied) << applied.error();
  std::ifstream file(folder_ + "/got");
  const std::string got{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(got, rulesText(Plan{}, Backend::Nftables));
}

TEST_F(RedirectNetfilter, TheKernelsWordsAreTold) {
  install("nft", "echo 'Error: Could not process rule: Operation not supported' >&2; exit 1");
  EXPECT_EQ(netfilter_.apply(Plan{}, Backend::Nftables).error(),
            "nft failed: Error: Could not process rule: Operation not supported");
}

// `nft` is there, and the kernel has no nat for it.
TEST_F(RedirectNetfilter, IptablesIsTakenWhereNftCannotDoIt) {
  install("nft", "echo 'Error: Operation not supported' >&2; exit 1");
  EXPECT_EQ(netfilter_.applyByAny(Plan{}).error(), "nft failed: Error: Operation not supported");
  for (const char* program : {"iptables", "ip6tables"}) {
    install(program, "exit 1");
    install(std::string(program) + "-restore", "cat > '" + folder_ + "/" + program + ".got'");
  }
  const auto applied = netfilter_.applyByAny(Plan{});
  ASSERT_TRUE(applied) << applied.error();
  EXPECT_EQ(applied->backend, Backend::Iptables);
  EXPECT_EQ(applied->warning, "nft failed: Error: Operation not supported; iptables was taken instead");
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/iptables.got"));
}

// What was loaded for IPv4 is taken away again.
TEST_F(RedirectNetfilter, HalfARedirectionIsNone) {
  if (!std::filesystem::exists("/proc/net/if_inet6")) GTEST_SKIP() << "this machine has no IPv6";
  install("iptables", "echo '-N ' $4");
  install("iptables-restore", "cat >> '" + folder_ + "/four'");
  install("ip6tables", "exit 1");
  install("ip6tables-restore", "echo 'no nat' >&2; exit 1");
  const auto applied = netfilter_.apply(Plan{}, Backend::Iptables);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error(), "ip6tables-restore failed: no nat; nothing is redirected by iptables");
  std::ifstream file(folder_ + "/four");
  const std::string four{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(four.find("-X "), std::string::npos) << four;
}

TEST_F(RedirectNetfilter, WhatIsMissingIsNamed) {
  install("iptables", "exit 1");
  EXPECT_EQ(netfilter_.apply(Plan{}, Backend::Iptables).error(),
            "iptables-restore is not installed; nothing is redirected by iptables");
}

TEST_F(RedirectNetfilter, AProgramThatSaysMuchIsHeardOut) {
  install("nft", "head -c 300000 /dev/zero | tr '\\0' x");
  const auto outcome = runProgram({folder_ + "/nft"}, "");
  ASSERT_TRUE(outcome) << outcome.error();
  EXPECT_EQ(outcome->exitCode, 0);
  EXPECT_EQ(outcome->out.size(), 300000U);
  EXPECT_NE(runProgram({folder_ + "/none"}, "").error().find("cannot run"), std::string::npos);
}

}  // namespace
}  // namespace outrigger::control::redirect
