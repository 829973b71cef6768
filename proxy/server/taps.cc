#include "proxy/server/taps.h"

#include <utility>

namespace outrigger::server {

bool TapFilter::wants(const exchange::AccessRecord& record, bool error) const {
  if (errors && !error) return false;
  if (!upstream.empty() && record.upstream != upstream) return false;
  if (!route.empty() && record.route != route) return false;
  return !slowerThan || record.duration > *slowerThan;
}

void Taps::open(uint64_t number, TapFilter filter, OnTapped onTapped) {
  taps_.push_back({number, std::move(filter), std::move(onTapped)});
}

void Taps::close(uint64_t number) {
  std::erase_if(taps_, [number](const Tap& tap) { return tap.number == number; });
}

// The line is made once, for all that want it.
void Taps::take(const exchange::AccessRecord& record, bool error) {
  line_.clear();
  for (Tap& tap : taps_) {
    if (!tap.filter.wants(record, error)) continue;
    if (line_.empty()) {
      if (toldThisSecond_ >= kMostPerSecond) {
        ++tap.leftOut;
        continue;
      }
      ++toldThisSecond_;
      exchange::appendJson(line_, record);
      line_.pop_back();  // its line end
    }
    tap.onTapped(line_, 0);
  }
}

void Taps::onSecond() {
  toldThisSecond_ = 0;
  for (Tap& tap : taps_) {
    if (const uint64_t leftOut = std::exchange(tap.leftOut, 0); leftOut > 0) tap.onTapped({}, leftOut);
  }
}

}  // namespace outrigger::server
