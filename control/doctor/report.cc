#include "control/doctor/report.h"

#include <algorithm>

#include "control/cli/spoken.h"
#include "control/cli/text_table.h"

namespace outrigger::control::doctor {
namespace {

size_t countOf(const std::vector<Diagnosis>& all, Result result) {
  return static_cast<size_t>(
      std::ranges::count_if(all, [&](const Diagnosis& d) { return d.finding.result == result; }));
}

std::string padded(std::string text, size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string sumsText(const std::vector<Diagnosis>& all) {
  const size_t warnings = countOf(all, Result::Warn);
  return cli::counted(all.size(), "check") + ": " + std::to_string(countOf(all, Result::Fail)) + " failed, " +
         cli::counted(warnings, "warning") + ", " + std::to_string(countOf(all, Result::Ok)) + " ok, " +
         std::to_string(countOf(all, Result::Skipped)) + " skipped\n";
}

}  // namespace

std::string reportText(const std::vector<Diagnosis>& all) {
  constexpr size_t kWidth = 6;
  std::string text;
  for (const Result result : {Result::Fail, Result::Warn}) {
    for (const Diagnosis& d : all) {
      if (d.finding.result != result) continue;
      const std::string sentence = std::string(d.check->name) + ": " + d.finding.found;
      text += padded(word(result), kWidth) + cli::harmless(sentence) + "\n";
      text += std::string(kWidth, ' ') + "try: " + cli::harmless(d.finding.remedy) + "\n";
    }
  }
  if (!text.empty()) text += "\n";
  cli::TextTable rest({{"RESULT"}, {"CHECK"}, {"FOUND"}});
  for (const Result result : {Result::Ok, Result::Skipped}) {
    for (const Diagnosis& d : all) {
      if (d.finding.result == result) rest.add({word(result), std::string(d.check->name), d.finding.found});
    }
  }
  if (!rest.empty()) text += rest.text() + "\n";
  return text + sumsText(all);
}

Json reportJson(const std::vector<Diagnosis>& all) {
  Json list = Json::array();
  for (const auto& [check, finding] : all) {
    list.push_back({{"name", std::string(check->name)},
                    {"result", word(finding.result)},
                    {"found", finding.found},
                    {"remedy", finding.remedy.empty() ? Json() : Json(finding.remedy)}});
  }
  return list;
}

bool anyFails(const std::vector<Diagnosis>& all) {
  return countOf(all, Result::Fail) > 0;
}

}  // namespace outrigger::control::doctor
