// A table that is never wider than it may be: the first column gives way, then others go, the least needed first. Pure.
#pragma once

#include <string>
#include <vector>

namespace outrigger::control::cli {

/// A line for a terminal, with how it is to stand out.
struct TonedLine {
  enum class Tone : uint8_t { Plain, Title, Bad, Faint };
  std::string text;
  Tone tone = Tone::Plain;
};

class FittedTable {
 public:
  struct Column {
    std::string title;
    bool right = false;  ///< numbers
    int need = 0;        ///< the column with the least goes first
  };
  using Tone = TonedLine::Tone;

  explicit FittedTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns.
  void add(std::vector<std::string> cells, Tone tone = Tone::Plain) { rows_.push_back({std::move(cells), tone}); }

  /// The titles and the rows, each in at most `width` columns, fit for a terminal (columns.h).
  std::vector<TonedLine> lines(size_t width, bool utf8) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Tone tone;
  };

  std::vector<size_t> widthsFor(size_t width, bool utf8) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace outrigger::control::cli
