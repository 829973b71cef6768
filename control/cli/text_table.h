// A table for the terminal: columns as wide as their widest cell, two blanks between. Pure.
#pragma once

#include <string>
#include <vector>

namespace outrigger::control::cli {

class TextTable {
 public:
  struct Column {
    std::string title;
    bool right = false;  ///< numbers
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns. What would steer a terminal is taken out.
  void add(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  /// With the titles, each line behind `indent`; no blanks at the ends of lines.
  std::string text(const std::string& indent = {}) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace outrigger::control::cli
