#include "config/code_example.h"

#include <algorithm>

namespace outrigger::config {

const CodeExample* exampleOf(Code code) {
  for (const auto table : {syntaxExamples(), referenceExamples(), riskExamples()}) {
    const auto row = std::ranges::find(table, code, &CodeExample::code);
    if (row != table.end()) return &*row;
  }
  return nullptr;
}

std::string wrongFile(const CodeExample& example) {
  std::string text(example.wrong);
  if (example.standIn.empty()) return text;
  std::string truth;
  truth.reserve(example.piece.size() * example.times);
  for (size_t i = 0; i < example.times; ++i) truth += example.piece;
  const size_t at = text.find(example.standIn);
  return at == std::string::npos ? text : text.replace(at, example.standIn.size(), truth);
}

}  // namespace outrigger::config
