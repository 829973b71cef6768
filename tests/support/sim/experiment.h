// What an experiment found: rows of figures with what they must reach, ours beside the naive control's. Every row is a
// line of output and an expectation of the running test. With OUTRIGGER_RESULTS=DIR the rows go to DIR/NAME_sim.csv as
// well, and what a plot wants to DIR/NAME_sim_SERIES.csv; rows of other tests in the same file stay. OUTRIGGER_FULL=1
// asks for the full setting instead of the short one. Owned by a test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace outrigger::sim {

enum class Side : uint8_t { Ours, Naive };

class Experiment {
 public:
  /// `name` as in "e03".
  explicit Experiment(std::string name) : name_(std::move(name)) {}
  /// Writes the files.
  ~Experiment();
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;

  static bool full();
  /// The three that each experiment must pass with.
  static std::vector<uint64_t> seeds() { return {1, 2, 3}; }
  template <class Setting>
  static Setting shortOrFull(Setting brief, Setting whole) {
    return full() ? whole : brief;
  }

  /// What the following rows are about.
  Experiment& at(std::string setting, uint64_t seed, Side side = Side::Ours);

  template <class Number>
  void atMost(const std::string& figure, Number value, const std::string& unit, double target) {
    judge(figure, static_cast<double>(value), unit, target, true);
  }
  template <class Number>
  void atLeast(const std::string& figure, Number value, const std::string& unit, double target) {
    judge(figure, static_cast<double>(value), unit, target, false);
  }
  /// Told, not judged.
  template <class Number>
  void note(const std::string& figure, Number value, const std::string& unit) {
    row(figure, static_cast<double>(value), unit, "", true);
  }

  /// A row of a series for a plot; `header` names its columns and is the same in each call.
  void plot(const std::string& series, const std::string& header, const std::vector<double>& row);

 private:
  struct Series {
    std::string name;
    std::string header;
    std::vector<std::string> rows;
  };

  void judge(const std::string& figure, double value, const std::string& unit, double target, bool most);
  void row(const std::string& figure, double value, const std::string& unit, const std::string& target, bool met);

  std::string name_;
  std::string setting_;
  uint64_t seed_ = 0;
  Side side_ = Side::Ours;
  Series rows_;
  std::vector<Series> plots_;
};

}  // namespace outrigger::sim
