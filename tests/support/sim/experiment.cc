#include "tests/support/sim/experiment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace outrigger::sim {
namespace {

constexpr const char* kHeader = "test,side,setting,seed,figure,value,unit,target,met";

std::string text(double number) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", number);
  return buffer;
}

std::string asCell(const std::string& cell) {
  return cell.find(',') == std::string::npos ? cell : '"' + cell + '"';
}

std::string testName() {
  const ::testing::TestInfo* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return test == nullptr ? "" : std::string(test->test_suite_name()) + "." + test->name();
}

// The rows of this test take the place of those of its last run.
void store(const std::string& path, const std::string& header, const std::vector<std::string>& rows) {
  std::vector<std::string> kept;
  std::ifstream old(path);
  for (std::string line; std::getline(old, line);) {
    if (line != header && !line.starts_with(testName() + ",")) kept.push_back(line);
  }
  std::ofstream file(path);
  file << header << '\n';
  for (const std::string& line : kept) file << line << '\n';
  for (const std::string& line : rows) file << line << '\n';
}

}  // namespace

bool Experiment::full() {
  const char* wanted = std::getenv("OUTRIGGER_FULL");
  return wanted != nullptr && std::string(wanted) == "1";
}

Experiment::~Experiment() {
  const char* folder = std::getenv("OUTRIGGER_RESULTS");
  if (folder == nullptr) return;
  const std::string base = std::string(folder) + "/" + name_ + "_sim";
  store(base + ".csv", kHeader, rows_.rows);
  for (const Series& plot : plots_) store(base + "_" + plot.name + ".csv", plot.header, plot.rows);
}

Experiment& Experiment::at(std::string setting, uint64_t seed, Side side) {
  setting_ = std::move(setting);
  seed_ = seed;
  side_ = side;
  return *this;
}

void Experiment::judge(const std::string& figure, double value, const std::string& unit, double target, bool most) {
  row(figure, value, unit, (most ? "<= " : ">= ") + text(target), most ? value <= target : value >= target);
}

void Experiment::row(const std::string& figure, double value, const std::string& unit, const std::string& target,
                     bool met) {
  const char* side = side_ == Side::Ours ? "ours" : "naive";
  const std::string line = name_ + " | " + side + " | " + setting_ + " | seed " + std::to_string(seed_) + " | " +
                           figure + " | " + text(value) + " " + unit + (target.empty() ? "" : " (" + target + ")");
  std::printf("%s%s\n", line.c_str(), met ? "" : "   MISSED");
  EXPECT_TRUE(met) << line;
  rows_.rows.push_back(testName() + "," + side + "," + asCell(setting_) + "," + std::to_string(seed_) + "," +
                       asCell(figure) + "," + text(value) + "," + unit + "," + target + "," + (met ? "yes" : "no"));
}

void Experiment::plot(const std::string& series, const std::string& header, const std::vector<double>& row) {
  std::string line = testName() + "," + (side_ == Side::Ours ? "ours" : "naive") + "," + asCell(setting_) + "," +
                     std::to_string(seed_);
  for (const double cell : row) line += "," + text(cell);
  auto known = std::ranges::find(plots_, series, &Series::name);
  if (known == plots_.end()) known = plots_.insert(known, {series, "test,side,setting,seed," + header, {}});
  known->rows.push_back(std::move(line));
}

}  // namespace outrigger::sim
