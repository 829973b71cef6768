// What a worker learns of one route to one upstream, beside what it learns of the upstream as a whole. Known by the
// route's name, and shared by the generations of snapshots that have such a route; so it survives reloads. One worker's
// thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "proxy/policy/breaker.h"
#include "proxy/policy/hedge.h"
#include "proxy/policy/running_median.h"

namespace outrigger::upstream {

struct RouteState {
  explicit RouteState(std::string itsName) : name(std::move(itsName)) {}

  std::string name;
  policy::RunningMedian median;  ///< of the time to an answer's head
  policy::Hedge hedge;
  std::optional<policy::Breaker> breaker;  ///< with `breaker: {per: route}`
  bool configured = true;                  ///< by the snapshot that is in effect
};

/// All that are known of one upstream. Owned by its Cluster, but a state lives as long as somebody holds it.
class RouteStates {
 public:
  /// A new snapshot comes: only the routes that are asked for from now on are configured.
  void beginReload() {
    std::erase_if(states_, [](const auto& known) { return known.second.expired(); });
    forEach([](RouteState& state) { state.configured = false; });
  }

  std::shared_ptr<RouteState> get(const std::string& name) {
    std::weak_ptr<RouteState>& known = states_[name];
    std::shared_ptr<RouteState> state = known.lock();
    if (state == nullptr) known = state = std::make_shared<RouteState>(name);
    state->configured = true;
    return state;
  }

  /// nullptr: nobody holds one of that name.
  std::shared_ptr<RouteState> find(const std::string& name) const {
    const auto known = states_.find(name);
    return known == states_.end() ? nullptr : known->second.lock();
  }

  /// Also those that only exchanges of earlier snapshots use.
  template <class Each>
  void forEach(Each&& each) const {
    for (const auto& [name, known] : states_) {
      if (const auto state = known.lock()) each(*state);
    }
  }

 private:
  std::map<std::string, std::weak_ptr<RouteState>> states_;
};

}  // namespace outrigger::upstream
