#include "control/cli/text_table.h"

#include <algorithm>

#include "control/cli/spoken.h"

namespace outrigger::control::cli {
namespace {

// Code points, which is what a terminal shows of the names that configs hold.
size_t widthOf(const std::string& text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

void TextTable::add(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back(harmless(cell));
}

std::string TextTable::text(const std::string& indent) const {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::vector<size_t> widths(columns_.size());
  const auto measure = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], widthOf(row[i]));
  };
  measure(titles);
  for (const auto& row : rows_) measure(row);

  std::string text;
  const auto append = [&](const std::vector<std::string>& row) {
    std::string line = indent;
    for (size_t i = 0; i < widths.size(); ++i) {
      const std::string blanks(widths[i] - widthOf(row[i]), ' ');
      if (i > 0) line += "  ";
      line += columns_[i].right ? blanks + row[i] : row[i] + blanks;
    }
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  append(titles);
  for (const auto& row : rows_) append(row);
  return text;
}

}  // namespace outrigger::control::cli
