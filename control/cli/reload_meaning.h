// What becomes of each part of a config when a running sidecar takes over another one. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "control/cli/config_difference.h"
#include "control/listener_table.h"

namespace outrigger::control::cli {

class ReloadMeaning {
 public:
  /// Both outlive it.
  ReloadMeaning(const config::Model& before, const config::Model& after);

  /// Says what a reload means for one group. `group.changes` are there already.
  void say(DifferenceGroup& group) const;

 private:
  using Upstreams = std::map<std::string_view, const config::UpstreamModel*>;
  using Plans = std::map<std::string, ListenerPlan>;

  void sayUpstream(DifferenceGroup& group) const;
  void sayPolicy(DifferenceGroup& group) const;
  void sayListeners(DifferenceGroup& group) const;

  const config::Model& before_;
  const config::Model& after_;
  const Upstreams upstreamsBefore_;
  const Upstreams upstreamsAfter_;
  const Plans plansBefore_;
  const Plans plansAfter_;
  std::map<std::string, std::vector<std::string>> usersAfter_;  // by policy
  std::map<std::string, std::set<std::string>> listenersOf_;    // of both, by the group that may tell of them
};

}  // namespace outrigger::control::cli
