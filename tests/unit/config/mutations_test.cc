// Any prefix and any mutation of the examples and of the rows gives a model or at least one error, never both, and
// everything that comes back can be rendered. The long version runs as tests/fuzz/config_fuzz.cc.
#include <gtest/gtest.h>

#include <algorithm>

#include "config/effective.h"
#include "proxy/base/rng.h"
#include "tests/unit/config/examples.h"
#include "tests/unit/config/rows.h"
#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

void expectSane(const std::string& text) {
  const LoadResult result = loadText(text);
  const bool errors =
      std::ranges::any_of(result.diagnostics, [](const Diagnostic& d) { return d.severity() == Severity::Error; });
  ASSERT_EQ(result.model == nullptr, errors) << text;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    const std::string rendered = render(diagnostic);
    ASSERT_TRUE(rendered.starts_with("outrigger.yaml:")) << rendered;
    ASSERT_FALSE(diagnostic.message.empty());
    ASSERT_GE(diagnostic.place.line, 1U) << rendered << text;
    ASSERT_GE(diagnostic.place.column, 1U) << rendered << text;
  }
  if (result.model) {
    ASSERT_FALSE(effectiveValues(result.effective, "f").empty());
  }
}

std::vector<std::string> sources() {
  std::vector<std::string> texts;
  for (const auto& [name, text] : exampleFiles()) texts.push_back(text);
  for (const auto& rows : {syntaxRows(), keysRows(), routesRows(), referencesRows(), risksRows()}) {
    for (const Row& row : rows) texts.emplace_back(row.yaml);
  }
  return texts;
}

std::string mutated(std::string text, const std::vector<std::string>& others, Rng& rng) {
  constexpr Bytes kPieces[] = {"{",  "}",     "[",    "]",    ": ",   "- ", "\n",   "  ",   "\t",
                               "\"", "'",     "#",    "&a",   "*a",   "!t", "|",    ">",    "?",
                               "%",  "$",     "${X}", "none", "auto", "0",  "\xff", "\x01", "\xe2\x80\xa8",
                               ",",  "---\n", "<<",   "@"};
  const auto place = [&] { return static_cast<size_t>(rng.below(text.size() + 1)); };
  for (uint64_t i = 0; i <= rng.below(4); ++i) {
    switch (rng.below(5)) {
      case 0: text.insert(place(), kPieces[rng.below(std::size(kPieces))]); break;
      case 1: text.erase(place(), rng.below(12)); break;
      case 2:
        if (!text.empty()) text[rng.below(text.size())] = static_cast<char>(rng.below(256));
        break;
      case 3: {
        const std::string& other = others[rng.below(others.size())];
        text.insert(place(), other.substr(rng.below(other.size() + 1), rng.below(60)));
        break;
      }
      default: text.resize(place()); break;
    }
  }
  return text;
}

TEST(Mutations, EveryPrefixOfAnExampleIsAModelOrAnError) {
  for (const auto& [name, text] : exampleFiles()) {
    const size_t step = std::max<size_t>(1, text.size() / 40);
    for (size_t size = 0; size <= text.size(); size += step) expectSane(text.substr(0, size));
  }
}

TEST(Mutations, AnythingIsAModelOrAnError) {
  const std::vector<std::string> texts = sources();
  Rng rng(20240601);
  for (int i = 0; i < 600 && !HasFatalFailure(); ++i) expectSane(mutated(texts[rng.below(texts.size())], texts, rng));
}

}  // namespace
}  // namespace outrigger::config
