#include "proxy/policy/maglev.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "proxy/base/rng.h"
#include "proxy/policy/hash.h"

namespace outrigger::policy {
namespace {

std::vector<Maglev::Member> fleet(size_t count, uint32_t weight = 1) {
  std::vector<Maglev::Member> members;
  for (size_t i = 0; i < count; ++i) members.push_back({hashOf("10.0.0." + std::to_string(i) + ":8080"), weight});
  return members;
}

// The part of all slots that each member owns.
std::map<uint64_t, double> shares(const Maglev& table) {
  std::map<uint64_t, double> parts;
  for (uint32_t slot = 0; slot < table.slots(); ++slot) {
    parts[table.members()[table.owner(slot)].id] += 1.0 / table.slots();
  }
  return parts;
}

uint64_t ownerId(const Maglev& table, uint64_t key) {
  return table.members()[table.owner(table.slotOf(key))].id;
}

TEST(Hash, IsTheSameEverywhere) {
  EXPECT_EQ(hashOf(""), 0x2d06800538d394c2U) << "XXH3 of nothing, as its specification has it";
  EXPECT_NE(hashOf("10.0.0.1:80"), hashOf("10.0.0.2:80"));
}

TEST(Maglev, EqualMembersOwnEqualParts) {
  for (const size_t count : {1U, 2U, 3U, 10U, 40U, 41U, 500U}) {
    const Maglev table(fleet(count));
    const auto parts = shares(table);
    ASSERT_EQ(parts.size(), count);
    for (const auto& [id, part] : parts) EXPECT_NEAR(part * static_cast<double>(count), 1, 0.02) << count;
  }
}

TEST(Maglev, PartsFollowTheWeights) {
  const std::vector<std::vector<uint32_t>> cases{{2, 1}, {5, 3, 2}, {100, 1}, {1000, 1, 10}, {7, 7, 7, 1}};
  for (const auto& weights : cases) {
    auto members = fleet(weights.size());
    for (size_t i = 0; i < weights.size(); ++i) members[i].weight = weights[i];
    const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
    const auto parts = shares(Maglev(members));
    for (size_t i = 0; i < weights.size(); ++i) {
      EXPECT_NEAR(parts.at(members[i].id), weights[i] / all, 0.03 * weights[i] / all + 0.0001) << weights.size();
    }
  }
}

TEST(Maglev, TheOrderOfTheFileDoesNotMatter) {
  Rng rng(1);
  auto members = fleet(20);
  for (auto& member : members) member.weight = 1 + static_cast<uint32_t>(rng.below(5));
  const Maglev table(members);
  for (int i = 0; i < 5; ++i) {
    for (size_t k = members.size(); k > 1; --k) std::swap(members[k - 1], members[rng.below(k)]);
    const Maglev other(members);
    for (uint64_t key = 0; key < 2000; ++key) ASSERT_EQ(ownerId(table, mixed(key)), ownerId(other, mixed(key)));
  }
}

// The best that can be: the keys of the one that goes, 1 of N, and no other.
TEST(Maglev, FewKeysOfTheOthersMoveWhenOneGoes) {
  for (const size_t count : {3U, 10U, 40U, 200U}) {
    const Maglev before(fleet(count));
    auto rest = fleet(count);
    const uint64_t gone = rest[count / 2].id;
    rest.erase(rest.begin() + static_cast<long>(count / 2));
    const Maglev after(rest);
    ASSERT_EQ(before.slots(), after.slots());
    int others = 0;
    int moved = 0;
    for (uint64_t key = 0; key < 20000; ++key) {
      const uint64_t owner = ownerId(before, mixed(key));
      if (owner == gone) continue;
      ++others;
      moved += ownerId(after, mixed(key)) == owner ? 0 : 1;
    }
    EXPECT_LT(moved, others * 0.06) << count;
  }
}

TEST(Maglev, WhoComesTakesItsPartAndLittleElseMoves) {
  const Maglev before(fleet(20));
  const Maglev after(fleet(21));
  int moved = 0;
  for (uint64_t key = 0; key < 20000; ++key) {
    moved += ownerId(before, mixed(key)) == ownerId(after, mixed(key)) ? 0 : 1;
  }
  EXPECT_LT(moved, 20000 / 21 * 2);
  EXPECT_GT(moved, 20000 / 21 / 2);
}

TEST(Maglev, FewEndpointsNeedAFewSlots) {
  EXPECT_EQ(Maglev(fleet(2)).slots(), 4093U);
  EXPECT_EQ(Maglev(fleet(40)).slots(), 4093U);
  EXPECT_EQ(Maglev(fleet(41)).slots(), 65537U);
  EXPECT_EQ(Maglev(fleet(2, 1000)).slots(), 4093U) << "weights count by their ratio";
}

TEST(Maglev, EvenTheLightestOwnsSomething) {
  auto members = fleet(300, 1000);
  members[7].weight = 1;
  EXPECT_GT(shares(Maglev(members))[members[7].id], 0);
}

TEST(Maglev, OneWithoutMembersCanBeMade) {
  EXPECT_EQ(Maglev({}).slots(), 0U);
}

}  // namespace
}  // namespace outrigger::policy
