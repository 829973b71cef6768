#include "control/cli/fitted_table.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "control/cli/columns.h"

namespace outrigger::control::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kAll = std::numeric_limits<size_t>::max();

// A name, or an address, that can still be told from others.
size_t leastFirst(size_t width) {
  return std::clamp<size_t>(width / 3, 14, 24);
}

// Of those that are shown: of a width above 0.
size_t totalOf(const std::vector<size_t>& widths) {
  const auto shown = static_cast<size_t>(std::ranges::count_if(widths, [](size_t width) { return width > 0; }));
  return std::accumulate(widths.begin(), widths.end(), size_t{0}) + (shown > 0 ? (shown - 1) * kGap : 0);
}

}  // namespace

// What does not fit makes the first column narrower; where that is not enough, columns go.
std::vector<size_t> FittedTable::widthsFor(size_t width, bool utf8) const {
  std::vector<size_t> widths;
  for (const Column& column : columns_) widths.push_back(columnsOf(column.title));
  for (const Row& row : rows_) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], columnsOf(fitted(row.cells[i], kAll, utf8)));
    }
  }
  const size_t first = widths[0];
  for (;;) {
    const size_t total = totalOf(widths);
    if (total <= width) return widths;
    const size_t least = std::min(first, leastFirst(width));
    if (widths[0] - std::min(widths[0], total - width) >= least) {
      widths[0] -= total - width;
      return widths;
    }
    size_t going = 0;
    for (size_t i = 1; i < widths.size(); ++i) {
      if (widths[i] > 0 && (going == 0 || columns_[i].need < columns_[going].need)) going = i;
    }
    if (going == 0) {
      widths[0] = std::min(widths[0], width);
      return widths;
    }
    widths[going] = 0;
  }
}

std::vector<TonedLine> FittedTable::lines(size_t width, bool utf8) const {
  const std::vector<size_t> widths = widthsFor(width, utf8);
  std::vector<TonedLine> lines;
  const auto append = [&](const auto& cellAt, Tone tone) {
    std::string line;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (i > 0 && widths[i] == 0) continue;
      const std::string cell = fitted(cellAt(i), widths[i], utf8);
      const std::string blanks(widths[i] - std::min(widths[i], columnsOf(cell)), ' ');
      if (i > 0) line.append(kGap, ' ');
      line += columns_[i].right ? blanks + cell : cell + blanks;
    }
    line.resize(line.find_last_not_of(' ') + 1);
    lines.push_back({std::move(line), tone});
  };
  append([&](size_t i) { return columns_[i].title; }, Tone::Title);
  for (const Row& row : rows_) append([&](size_t i) { return row.cells[i]; }, row.tone);
  return lines;
}

}  // namespace outrigger::control::cli
