#include "proxy/policy/hash_choice.h"

namespace outrigger::policy {
namespace {

constexpr double kMostLoad = 1.25;
constexpr uint32_t kStepsEach = 8;  // along the table, for each candidate: by then nearly all have been met

/// What may be in flight at each candidate, reckoned once it matters.
class Bounds {
 public:
  explicit Bounds(std::span<const Candidate> candidates) : candidates_(candidates) {}

  // In flight, this request included, at most ⌈1.25 · all · weight / weights⌉. Of all that are usable at least one is
  // always below that.
  bool hasRoom(const Candidate& candidate) {
    if (candidate.inFlight == 0) return true;
    if (weights_ == 0) reckon();
    return candidate.inFlight * weights_ < kMostLoad * inFlight_ * candidate.effectiveWeight();
  }

 private:
  void reckon() {
    inFlight_ = 1;
    for (const Candidate& candidate : candidates_) {
      if (!candidate.usable()) continue;
      inFlight_ += candidate.inFlight;
      weights_ += candidate.effectiveWeight();
    }
  }

  std::span<const Candidate> candidates_;
  double inFlight_ = 0;
  double weights_ = 0;
};

bool takesKey(const Candidate& candidate, uint64_t key, uint64_t id) {
  return candidate.share >= 1 || static_cast<double>(mixed(key ^ id)) * 0x1.0p-64 < candidate.share;
}

std::optional<uint32_t> namedOne(const Maglev& table, std::span<const Candidate> candidates,
                                 std::span<const uint32_t> avoid, uint64_t id) {
  for (uint32_t i = 0; i < candidates.size(); ++i) {
    if (table.members()[i].id == id && mayTake(candidates[i], i, avoid)) return i;
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint32_t> chooseByHash(const Maglev& table, std::span<const Candidate> candidates,
                                     std::span<const uint32_t> avoid, const Affinity& affinity) {
  if (candidates.empty()) return std::nullopt;
  if (affinity.namesEndpoint) {
    if (const auto named = namedOne(table, candidates, avoid, affinity.key)) return named;
  }
  Bounds bounds(candidates);
  std::optional<uint32_t> free;    // has room, though the key is not of its part
  std::optional<uint32_t> usable;  // and not even that
  const auto count = static_cast<uint32_t>(candidates.size());
  uint32_t slot = table.slotOf(affinity.key);
  for (uint32_t step = 0; step < count * (kStepsEach + 1); ++step) {
    // Whom the walk along the table has not met is asked at last.
    const uint32_t i = step < count * kStepsEach ? table.owner(slot) : step - count * kStepsEach;
    slot = slot + 1 == table.slots() ? 0 : slot + 1;
    if (!mayTake(candidates[i], i, avoid)) continue;
    if (!usable) usable = i;
    if (!bounds.hasRoom(candidates[i])) continue;
    if (!free) free = i;
    if (takesKey(candidates[i], affinity.key, table.members()[i].id)) return i;
  }
  return free ? free : usable;
}

}  // namespace outrigger::policy
