#include "control/demo/story.h"

#include <array>
#include <cstdio>

namespace outrigger::control::demo {
namespace {

constexpr Duration kSeenAfter = 2s;   // long enough for the callers' view to say something
constexpr Duration kOverAfter = 8s;   // an endpoint that was ejected has returned by then, or says so itself
constexpr size_t kMostDecisions = 2;  // beside the four lines that every story has

}  // namespace

void Story::begin(const std::string& service, const std::string& what, const Tally& tally, Instant now) {
  lines_.clear();
  told_ = 0;
  decisions_ = 0;
  service_ = service;
  before_ = tally;
  begunAt_ = now;
  part_ = Part::Broken;
  tell(now, what);
}

void Story::note(const server::Decision& decision, Instant now) {
  if (part_ == Part::None || part_ == Part::Over || decision.upstream != service_ || decision.kind == "request") return;
  // The last place is kept for what ends it once it is mended.
  const bool ends = decision.kind == "return" || decision.text.find("-> closed") != std::string::npos;
  if (part_ == Part::Mended && !ends) return;
  const size_t most = part_ == Part::Mended ? kMostDecisions : kMostDecisions - 1;
  if (decisions_ >= most) return;
  ++decisions_;
  tell(now, decision.text);
}

void Story::mend(const Tally& tally, Instant now) {
  if (part_ != Part::Broken && part_ != Part::Seen) return;
  if (part_ == Part::Broken) tell(now, callersSaw(tally));
  part_ = Part::Mended;
  mendedAt_ = now;
  decisions_ = kMostDecisions - 1;
  tell(now, "you mended it");
}

void Story::look(const Tally& tally, Instant now) {
  if (part_ == Part::Broken && now - begunAt_ >= kSeenAfter) {
    part_ = Part::Seen;
    tell(now, callersSaw(tally));
  } else if (part_ == Part::Mended && now - mendedAt_ >= kOverAfter) {
    finish(tally, now);
  }
}

void Story::finish(const Tally& tally, Instant now) {
  if (part_ == Part::None || part_ == Part::Over) return;
  part_ = Part::Over;
  tell(now, "in all, " + callersSaw(tally));
}

std::vector<std::string> Story::news() {
  const std::vector<std::string> fresh(lines_.begin() + static_cast<std::ptrdiff_t>(told_), lines_.end());
  told_ = lines_.size();
  return fresh;
}

void Story::tell(Instant now, const std::string& text) {
  std::array<char, 32> at;
  std::snprintf(at.data(), at.size(), "%6.2f s  ", seconds(now - begunAt_));
  lines_.push_back(at.data() + text);
}

std::string Story::callersSaw(const Tally& tally) const {
  const uint64_t good = tally.good - before_.good;
  const uint64_t all = good + tally.bad - before_.bad;
  const uint64_t retries = tally.retries - before_.retries;
  return std::to_string(good) + " of " + std::to_string(all) + " calls to " + service_ + " were answered well, with " +
         std::to_string(retries) + (retries == 1 ? " retry" : " retries");
}

}  // namespace outrigger::control::demo
