#include "proxy/metrics/histogram.h"

#include <algorithm>

namespace outrigger::metrics {

Bounds::Bounds(std::span<const Duration> bounds) : count_(std::min(bounds.size(), kMost)) {
  std::copy_n(bounds.begin(), count_, bounds_.begin());
}

Bounds Bounds::standard() {
  static constexpr std::array<Duration, 14> kStandard{500us, 1ms,   2500us, 5ms, 10ms,   25ms, 50ms,
                                                      100ms, 250ms, 500ms,  1s,  2500ms, 5s,   10s};
  return Bounds(kStandard);
}

}  // namespace outrigger::metrics
