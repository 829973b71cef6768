#include "control/cli/line_difference.h"

#include <algorithm>
#include <vector>

namespace outrigger::control::cli {
namespace {

constexpr size_t kAround = 3;  // lines that are shown before and behind a change

// A line of the diff; `line` with its end.
struct Row {
  char sign;
  Bytes line;
};

Bytes takeLine(Bytes& text) {
  const size_t end = text.find('\n');
  const Bytes line = text.substr(0, end == Bytes::npos ? text.size() : end + 1);
  text.remove_prefix(line.size());
  return line;
}

Bytes nextLine(Bytes text) {
  return takeLine(text);
}

bool isBlankLine(Bytes line) {
  return line.find_first_not_of(" \t\r\n") == Bytes::npos;
}

std::vector<Row> rowsOf(Bytes before, Bytes after) {
  std::vector<Row> rows;
  while (!before.empty() || !after.empty()) {
    const bool left = isBlankLine(nextLine(before)) && !isBlankLine(nextLine(after));
    if (after.empty() || (!before.empty() && left)) {
      rows.push_back({'-', takeLine(before)});
    } else if (before.empty()) {
      rows.push_back({'+', takeLine(after)});
    } else if (nextLine(before) == nextLine(after)) {
      rows.push_back({' ', takeLine(before)});
      takeLine(after);
    } else {
      rows.push_back({'-', takeLine(before)});
      rows.push_back({'+', takeLine(after)});
    }
  }
  return rows;
}

// In a run of changes, what goes stands before what comes.
void gather(std::vector<Row>& rows) {
  const auto isChange = [](const Row& row) { return row.sign != ' '; };
  for (auto begin = rows.begin(); begin != rows.end();) {
    begin = std::find_if(begin, rows.end(), isChange);
    const auto end = std::find_if_not(begin, rows.end(), isChange);
    std::stable_partition(begin, end, [](const Row& row) { return row.sign == '-'; });
    begin = end;
  }
}

size_t count(const std::vector<Row>& rows, size_t begin, size_t end, char without) {
  size_t lines = 0;
  for (size_t i = begin; i < end; ++i) lines += rows[i].sign != without;
  return lines;
}

std::string rangeText(size_t first, size_t lines) {
  return std::to_string(lines == 0 ? first - 1 : first) + "," + std::to_string(lines);
}

// How many lines of the two texts stand above a row.
struct Above {
  size_t before = 0;
  size_t after = 0;

  void pass(const std::vector<Row>& rows, size_t begin, size_t end) {
    before += count(rows, begin, end, '+');
    after += count(rows, begin, end, '-');
  }
};

std::string hunk(const std::vector<Row>& rows, size_t begin, size_t end, const Above& above) {
  std::string out = "@@ -" + rangeText(above.before + 1, count(rows, begin, end, '+')) + " +" +
                    rangeText(above.after + 1, count(rows, begin, end, '-')) + " @@\n";
  for (size_t i = begin; i < end; ++i) {
    out += rows[i].sign;
    out += rows[i].line;
    if (!rows[i].line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
  }
  return out;
}

}  // namespace

std::string lineDifference(const std::string& name, Bytes before, Bytes after) {
  if (before == after) return "";
  std::vector<Row> rows = rowsOf(before, after);
  gather(rows);
  std::string out = "--- " + name + "\n+++ " + name + " (formatted)\n";
  Above above;
  size_t counted = 0;  // the rows that `above` knows of
  size_t i = 0;
  while (i < rows.size()) {
    if (rows[i].sign == ' ') {
      ++i;
      continue;
    }
    const size_t begin = i < kAround ? 0 : i - kAround;
    size_t last = i;
    for (size_t k = i; k < rows.size() && k <= last + 2 * kAround; ++k) {
      if (rows[k].sign != ' ') last = k;
    }
    const size_t end = std::min(rows.size(), last + 1 + kAround);
    above.pass(rows, counted, begin);
    counted = begin;
    out += hunk(rows, begin, end, above);
    i = end;
  }
  return out;
}

}  // namespace outrigger::control::cli
