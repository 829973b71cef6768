#include "proxy/upstream/idle_time.h"

#include <algorithm>

namespace outrigger::upstream {
namespace {

constexpr Duration kMargin = 1s;  // between our close and the peer's

Duration below(Duration peersTime) {
  return std::max(peersTime - kMargin, peersTime / 2);
}

}  // namespace

Duration IdleTime::limit() const {
  if (!setting_.isAuto) return setting_.value.value_or(kLongestSetting);
  return learned_;
}

void IdleTime::onHint(std::optional<Duration> timeout) {
  if (!timeout) return;
  ceiling_ = std::clamp(*timeout - kMargin, kLeast, kMost);
  learned_ = std::min(learned_, ceiling_);
}

void IdleTime::onSurvived(Duration idle) {
  if (idle * 10 < learned_ * 9) return;  // too short to tell anything new
  learned_ = std::min(learned_ + learned_ / 4, ceiling_);
}

void IdleTime::onClosedByPeer(Duration idle) {
  // A close long before the usual time is a restart, not a habit: believe it only as far as it shortens.
  learned_ = std::clamp(below(idle), kLeast, learned_);
}

std::optional<Duration> keepAliveTimeout(Bytes value) {
  constexpr Bytes kKey = "timeout=";
  std::optional<Duration> found;
  forEachListElement(value, [&](Bytes element) {
    if (!startsWithIgnoreCase(element, kKey)) return true;
    if (const auto n = parseDecimal(trimSpace(element.substr(kKey.size())), 86400)) found = std::chrono::seconds(*n);
    return false;
  });
  return found;
}

}  // namespace outrigger::upstream
