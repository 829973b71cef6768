#include "control/cpu_quota.h"

#include <gtest/gtest.h>

#include <map>

namespace outrigger::control {
namespace {

std::optional<double> quotaOf(const std::map<std::string, std::string>& files) {
  return cpuQuota([&](const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(CpuQuota, OfBothKindsOfControlGroups) {
  EXPECT_EQ(quotaOf({{"/sys/fs/cgroup/cpu.max", "150000 100000\n"}}), 1.5);
  EXPECT_EQ(quotaOf({{"/sys/fs/cgroup/cpu.max", "max 100000\n"}}), std::nullopt);
  const std::string quota = "/sys/fs/cgroup/cpu/cpu.cfs_quota_us";
  const std::string period = "/sys/fs/cgroup/cpu/cpu.cfs_period_us";
  EXPECT_EQ(quotaOf({{quota, "50000\n"}, {period, "100000\n"}}), 0.5);
  EXPECT_EQ(quotaOf({{quota, "-1\n"}, {period, "100000\n"}}), std::nullopt);
  EXPECT_EQ(quotaOf({}), std::nullopt);
}

}  // namespace
}  // namespace outrigger::control
