// What the doctor's checks are made of: what /proc tells, read; and the report.
#include <gtest/gtest.h>

#include "control/cli/temporary_folder.h"
#include "control/doctor/mounts.h"
#include "control/doctor/report.h"
#include "control/doctor/sockets.h"
#include "control/doctor/this_machine.h"
#include "proxy/net/listener.h"
#include "tests/unit/control/doctor_world.h"

namespace outrigger::control::doctor {
namespace {

TEST(Sockets, ThoseThatListenAreRead) {
  const auto four = listeningTcp(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:3AFC 00000000:0000 0A 00000000:00000000 00:00000000 00000000 15100        0 77 1 0\n"
      "   1: 0100007F:3AFC 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000 15100        0 78 1 0\n"
      "   2: nonsense\n");
  ASSERT_EQ(four.size(), 1U);
  EXPECT_EQ(four[0].address.text(), "127.0.0.1:15100");
  EXPECT_EQ(four[0].inode, 77U);
  EXPECT_EQ(four[0].uid, 15100U);
  const auto six = listeningTcp(
      "  sl  local_address                         remote_address                        st ...\n"
      "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A "
      "00000000:00000000 00:00000000 00000000     0        0 79 1 0\n");
  ASSERT_EQ(six.size(), 1U);
  EXPECT_EQ(six[0].address.text(), "[::1]:8080");
}

TEST(Sockets, UnixSocketsThatListenAreRead) {
  const auto found = listeningUnix(
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 501 /run/app.sock\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 502 /run/app.sock\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 503\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].address.path(), "/run/app.sock");
  EXPECT_EQ(found[0].inode, 501U);
}

TEST(Sockets, AWildcardIsInTheWayOfEveryAddressOfItsFamilies) {
  const auto at = [](const char* text) { return *Address::parse(text); };
  EXPECT_TRUE(overlap(at("[::]:80"), at("10.0.0.1:80")));
  EXPECT_TRUE(overlap(at("127.0.0.1:80"), at("0.0.0.0:80")));
  EXPECT_TRUE(overlap(at("[::ffff:127.0.0.1]:80"), at("127.0.0.1:80")));
  EXPECT_TRUE(overlap(at("unix:/run/a"), at("unix:/run/a")));
  EXPECT_FALSE(overlap(at("[::]:80"), at("10.0.0.1:81")));
  EXPECT_FALSE(overlap(at("0.0.0.0:80"), at("[::1]:80")));
  EXPECT_FALSE(overlap(at("127.0.0.1:80"), at("127.0.0.2:80")));
  EXPECT_FALSE(overlap(at("127.0.0.1:80"), at("unix:/run/a")));
}

TEST(Mounts, TheirPathsAreUnescaped) {
  const auto points = mountPoints("1 0 8:1 / / rw - ext4 a rw\n2 1 8:2 /x /my\\040files\\134 rw - ext4 a rw\nshort\n");
  EXPECT_EQ(points, (std::vector<std::string>{"/", "/my files\\"}));
}

TEST(Processes, OptionsAreReadOffACommandLine) {
  const Process process{.command = {"/usr/bin/outrigger", "run", "--config", "/a.yaml", "--state=/state"}};
  EXPECT_TRUE(process.isSidecar());
  EXPECT_EQ(optionOf(process, "config"), "/a.yaml");
  EXPECT_EQ(optionOf(process, "state"), "/state");
  EXPECT_EQ(optionOf(process, "defaults"), "");
  EXPECT_FALSE((Process{.command = {"outrigger", "doctor"}}.isSidecar()));
  EXPECT_FALSE((Process{.command = {"/app", "run"}}.isSidecar()));
}

TEST(Processes, ThePathsOfTheOnlySidecarAreTaken) {
  FakeMachine machine;
  const Process sidecar{.pid = 7, .command = {"outrigger", "run", "--config", "/a.yaml", "--state", "./state"}};
  const Process other{.command = {"/app", "run", "--config", "/b.yaml"}};
  EXPECT_EQ(pathOfSidecar(machine, {other, sidecar}, "config"), "/a.yaml");
  EXPECT_EQ(pathOfSidecar(machine, {other, sidecar}, "state"), "") << "relative to a folder that is not told";
  machine.links["/proc/7/cwd"] = "/srv/shop";
  EXPECT_EQ(pathOfSidecar(machine, {other, sidecar}, "state"), "/srv/shop/state");
  EXPECT_EQ(pathOfSidecar(machine, {other, sidecar}, "defaults"), "");
  EXPECT_EQ(pathOfSidecar(machine, {sidecar, sidecar}, "config"), "") << "which one?";
  EXPECT_EQ(pathOfSidecar(machine, {other}, "config"), "");
}

class ThisMachineReads : public ::testing::Test {
 protected:
  std::expected<std::string, std::string> readOf(size_t octets) {
    std::ofstream(file_) << std::string(octets, 'x');
    return ThisMachine().read(file_);
  }

  cli::TemporaryFolder folder_;
  const std::string file_ = folder_.path() + "/last-good.yaml";
};

TEST_F(ThisMachineReads, AFileWholeOrNotAtAll) {
  EXPECT_EQ(readOf(2 << 20).value_or("").size(), 2U << 20U) << "a config may have 10 MiB";
  EXPECT_EQ(readOf((16 << 20) + 1), std::unexpected(std::string("it is larger than 16 MiB")));
}

// A port that is only looked at takes no connection of anybody's meanwhile.
TEST(ThisMachineListens, WhereNobodyElseDoes) {
  const auto taken = net::bindAndListen(Address::loopback(0));
  ASSERT_TRUE(taken) << taken.error();
  EXPECT_NE(ThisMachine().cannotListen((*taken)->address()), std::nullopt);
  EXPECT_EQ(ThisMachine().cannotListen(Address::loopback(0)), std::nullopt);
}

class Report : public ::testing::Test {
 protected:
  const std::span<const Check> checks_ = allChecks();
  const std::vector<Diagnosis> all_{{&checks_[0], ok("a file")},
                                    {&checks_[1], warn("a warning", "mend it")},
                                    {&checks_[2], skipped("no need")},
                                    {&checks_[3], fail("taken\x1b", "free it")}};
};

TEST_F(Report, FindingsComeFirstAndTheWorstBeforeTheRest) {
  EXPECT_EQ(reportText(all_),
            "fail  listeners-free: taken?\n"
            "      try: free it\n"
            "warn  config-loads: a warning\n"
            "      try: mend it\n"
            "\n"
            "RESULT   CHECK            FOUND\n"
            "ok       config-readable  a file\n"
            "skipped  config-mount     no need\n"
            "\n"
            "4 checks: 1 failed, 1 warning, 1 ok, 1 skipped\n");
}

TEST_F(Report, JsonHasAllInTheOrderOfTheChecks) {
  const Json report = reportJson(all_);
  ASSERT_EQ(report.size(), 4U);
  EXPECT_EQ(report[0], (Json{{"name", "config-readable"}, {"result", "ok"}, {"found", "a file"}, {"remedy", nullptr}}));
  EXPECT_EQ(report[1].at("remedy"), "mend it");
  EXPECT_EQ(report[3].at("result"), "fail");
}

TEST_F(Report, AWarningIsNoFailure) {
  EXPECT_TRUE(anyFails(all_));
  EXPECT_FALSE(anyFails({all_[0], all_[1], all_[2]}));
}

}  // namespace
}  // namespace outrigger::control::doctor
