// What the demo shows: a table of the services, live where a person watches, a line each second elsewhere, and a
// summary at the end. Reads counters; the control thread only.
#pragma once

#include <deque>
#include <string>
#include <vector>

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

  void note(const server::Decision& decision);
  /// Shows the present state; `elapsed` since the last call.
  void show(Duration elapsed);
  void summary(Duration total) const;

 private:
  struct Last {
    uint64_t good = 0;
    uint64_t bad = 0;
    uint64_t retries = 0;
  };

  std::string table(Duration elapsed);

  std::vector<Service> services_;
  std::vector<Last> last_;
  std::deque<std::string> news_;
  bool live_;
  bool drawn_ = false;
};

}  // namespace outrigger::control::demo
