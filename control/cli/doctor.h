// The examination that `outrigger doctor` tells of, and `outrigger bundle` packs.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "control/doctor/checks.h"

namespace outrigger::control::cli {

/// All empty: not given. Then it is as the sidecar that runs here was started, if it is one.
struct DoctorOptions {
  std::string config;
  std::string defaults;
  std::string state;
  std::string serviceAccount;
  std::string admin;
};

/// Looks at this machine; may take some seconds. The error: `admin` is no address.
std::expected<std::vector<doctor::Diagnosis>, std::string> examineHere(DoctorOptions options);

}  // namespace outrigger::control::cli
