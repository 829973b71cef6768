#include "proxy/policy/maglev.h"

#include <algorithm>
#include <numeric>

#include "proxy/policy/hash.h"

namespace outrigger::policy {
namespace {

constexpr uint32_t kSmall = 4093;  // both prime: then each member's walk visits every slot
constexpr uint32_t kLarge = 65537;
constexpr uint64_t kSlotsOfLightest = 100;
constexpr uint32_t kFree = UINT32_MAX;

/// One member's walk over the slots: its own permutation of them.
class Walk {
 public:
  Walk(uint64_t id, uint32_t slots)
      : slots_(slots),
        at_(static_cast<uint32_t>(mixed(id) % slots)),
        skip_(static_cast<uint32_t>(mixed(~id) % (slots - 1)) + 1) {}

  uint32_t next() {
    const uint32_t slot = at_;
    at_ = (at_ + skip_) % slots_;
    return slot;
  }

 private:
  uint32_t slots_;
  uint32_t at_;
  uint32_t skip_;
};

}  // namespace

uint32_t Maglev::slotsFor(const std::vector<Member>& members) {
  uint64_t all = 0;
  uint64_t lightest = UINT32_MAX;
  for (const Member& member : members) {
    all += member.weight;
    lightest = std::min<uint64_t>(lightest, member.weight);
  }
  return all * kSlotsOfLightest <= kSmall * lightest ? kSmall : kLarge;
}

// Members take slots in turns, each the next free one of its walk; one with half of the greatest weight takes every
// other turn. Turns go by id, so that the order of the file does not matter.
Maglev::Maglev(std::vector<Member> members) : members_(std::move(members)) {
  if (members_.empty()) return;
  const uint32_t slots = slotsFor(members_);
  owners_.assign(slots, kFree);
  std::vector<uint32_t> turns(members_.size());
  std::iota(turns.begin(), turns.end(), 0U);
  std::ranges::sort(turns, {}, [this](uint32_t i) { return members_[i].id; });
  std::vector<Walk> walks;
  for (const Member& member : members_) walks.emplace_back(member.id, slots);
  const uint64_t heaviest = std::ranges::max(members_, {}, &Member::weight).weight;
  std::vector<uint64_t> spent(members_.size());
  uint32_t taken = 0;
  for (uint64_t round = 0; taken < slots; ++round) {
    for (const uint32_t i : turns) {
      if (round * members_[i].weight < spent[i]) continue;
      spent[i] += heaviest;
      uint32_t slot = walks[i].next();
      while (owners_[slot] != kFree) slot = walks[i].next();
      owners_[slot] = i;
      if (++taken == slots) break;
    }
  }
}

}  // namespace outrigger::policy
