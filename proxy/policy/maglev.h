// Which of an upstream's endpoints a key belongs to: the lookup table of Maglev (Eisenbud et al., NSDI 2016), in which
// each endpoint owns slots by its weight, and where one that comes or goes moves few keys of the others. It depends on
// the endpoints' addresses and weights alone, not on their order, so all sidecars agree. Immutable; any thread.
//
// The table has 4,093 slots, or 65,537 where the lightest endpoint would else own fewer than about 100; an upstream
// that grows past that border moves its keys once. To build the larger one takes some milliseconds: a snapshot brings
// its own.
#pragma once

#include <cstdint>
#include <vector>

namespace outrigger::policy {

class Maglev {
 public:
  struct Member {
    uint64_t id = 0;      ///< hash of its address
    uint32_t weight = 1;  ///< 1 to 1000
    bool operator==(const Member&) const = default;
  };

  explicit Maglev(std::vector<Member> members);

  /// In the order in which they were given.
  const std::vector<Member>& members() const { return members_; }
  uint32_t slots() const { return static_cast<uint32_t>(owners_.size()); }
  uint32_t slotOf(uint64_t key) const { return static_cast<uint32_t>(key % owners_.size()); }
  /// The index of the member that owns a slot. Only where there are members.
  uint32_t owner(uint32_t slot) const { return owners_[slot]; }

 private:
  static uint32_t slotsFor(const std::vector<Member>& members);

  std::vector<Member> members_;
  std::vector<uint32_t> owners_;
};

}  // namespace outrigger::policy
