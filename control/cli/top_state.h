// What a follower of /api/events knows: the whole state, kept up with what each event brings. Pure.
#pragma once

#include <nlohmann/json.hpp>

namespace outrigger::control::cli {

using Json = nlohmann::ordered_json;

class TopState {
 public:
  /// An answer of /api/live, or an event; what is none of these changes nothing.
  void take(Json news);

  /// As /api/live tells it, but without the histories of upstreams; null before the first take().
  const Json& json() const { return state_; }

 private:
  void keepHistory(Json& news) const;
  void keepDecisions(Json& news) const;

  Json state_;
};

}  // namespace outrigger::control::cli
