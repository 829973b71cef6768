#include "control/cpu_quota.h"

#include <sstream>

namespace outrigger::control {

std::optional<double> cpuQuota(const ReadFile& read) {
  const std::string folder = "/sys/fs/cgroup";
  double quota = 0;
  double period = 0;
  std::istringstream now(read(folder + "/cpu.max").value_or(""));  // "max 100000", or "150000 100000"
  if (now >> quota >> period && quota > 0 && period > 0) return quota / period;
  std::istringstream once(read(folder + "/cpu/cpu.cfs_quota_us").value_or("") + " " +  // "-1": none
                          read(folder + "/cpu/cpu.cfs_period_us").value_or(""));
  if (once >> quota >> period && quota > 0 && period > 0) return quota / period;
  return std::nullopt;
}

}  // namespace outrigger::control
