#include "config/nearest.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace outrigger::config {
namespace {

constexpr size_t kLongestWord = 64;

std::string bare(Bytes word) {
  std::string out;
  for (const char c : word) {
    if (c != '-' && c != '_' && c != ' ') out.push_back(lowerAscii(c));
  }
  return out;
}

}  // namespace

// Optimal string alignment (Damerau 1964), three rows.
size_t editDistance(Bytes a, Bytes b) {
  std::array<std::vector<size_t>, 3> rows;
  for (auto& row : rows) row.resize(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::optional<Bytes> nearest(Bytes word, std::span<const Bytes> candidates) {
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  const std::string wanted = bare(word);
  std::optional<Bytes> best;
  size_t bestDistance = std::max<size_t>(1, wanted.size() / 3) + 1;
  for (const Bytes candidate : candidates) {
    const std::string plain = bare(candidate);
    if (plain.size() > kLongestWord) continue;
    const size_t distance = editDistance(wanted, plain);
    if (distance < bestDistance && distance < plain.size()) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

}  // namespace outrigger::config
