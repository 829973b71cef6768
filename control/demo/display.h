// What the demo shows: a table of the services with the story of the last outage, live where a person watches, line by
// line elsewhere, and a summary at the end. Reads counters; the control thread only.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "control/demo/story.h"
#include "control/demo/traffic.h"
#include "proxy/metrics/series.h"
#include "proxy/server/decision.h"

namespace outrigger::control::demo {

class Display {
 public:
  struct Service {
    std::string name;
    std::string about;                      ///< how it misbehaves, in a few words
    const metrics::UpstreamSeries* series;  ///< of the sidecar's one worker
    const Seen* seen;                       ///< by its callers
  };

  /// `live`: redraw in place.
  Display(std::vector<Service> services, bool live) : services_(std::move(services)), live_(live) {}

  /// Shown as long as there is no story.
  void note(const server::Decision& decision);
  /// Shown instead of decisions from its first line on.
  void tell(Story& story);
  Tally tally(size_t service) const;
  /// Shows the present state; `elapsed` since the last call.
  void show(Duration elapsed);
  void summary(Duration total) const;

 private:
  std::string table(Duration elapsed);
  std::string newsLine(size_t number) const;

  std::vector<Service> services_;
  std::vector<Tally> last_;
  std::deque<std::string> news_;
  std::vector<std::string> story_;
  bool live_;
  bool drawn_ = false;
};

}  // namespace outrigger::control::demo
