// Tells the cluster why a pod got no sidecar, by Events: each thing once in a while, and never many at a time. The
// control thread only.
#pragma once

#include <map>
#include <string>

#include "control/injector/api_server.h"
#include "control/injector/review.h"
#include "proxy/base/turn.h"

namespace outrigger::control::injector {

class Announcer {
 public:
  /// Both outlive it; nullptr: there is nobody to tell.
  Announcer(Turn& turn, ApiServer* apiServer) : turn_(turn), apiServer_(apiServer) {}

  /// About the pod's owner, or its namespace. False: it was told lately, or too much was.
  bool notInjected(const Review& review, const std::string& why);

 private:
  static constexpr Duration kOnceIn = 10min;
  static constexpr size_t kMostKnown = 1000;
  static constexpr double kBurst = 10;
  static constexpr double kPerSecond = 1;

  bool mayTell(const std::string& key);

  Turn& turn_;
  ApiServer* apiServer_;
  std::map<std::string, Instant> told_;  // until when it is not told again
  double tokens_ = kBurst;
  Instant filledAt_{};
};

}  // namespace outrigger::control::injector
