// The canonical form: rows of what it looks like, and what holds for every file that the formatter takes.
#include "config/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/code_example.h"
#include "config/effective.h"
#include "config/yaml_layout.h"
#include "proxy/base/rng.h"
#include "tests/unit/config/examples.h"
#include "tests/unit/config/rows.h"
#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

struct FormatRow {
  const char* name;
  const char* before;
  const char* after;
};

constexpr FormatRow kRows[] = {
    {"Levels", "log:\n    level:   info\n    headers:\n        - x-a\n",
     "log:\n  level: info\n  headers:\n    - x-a\n"},
    {"AListAtTheColumnOfItsKey", "routes:\n- to: u\n  name:  a\n-   to: v\nlog: {}\n",
     "routes:\n  - to: u\n    name: a\n  - to: v\nlog: {}\n"},
    {"ListsInLists", "a:\n- - b\n  -   c: 1\n      d: 2\n", "a:\n  - - b\n    - c: 1\n      d: 2\n"},
    {"AnItemBehindItsDash", "a:\n    -\n        b: 1\n", "a:\n  -\n    b: 1\n"},
    {"AValueBelowItsKey", "a:\n     b\n", "a:\n  b\n"},
    {"Brackets", "a: { b:   [ 1,2 ,3 ],c: {}, d: [ ] }\n", "a: {b: [1, 2, 3], c: {}, d: []}\n"},
    {"KeysWithinBracketsWithoutABlank", "{\"a\":1, b: {'c':2}}\n", "{a: 1, b: {c: 2}}\n"},
    {"BracketsOverSeveralLines", "u:\n    e: [\n          1,\n\n\n      2,\n      {a: 1,\n       b: 2}\n       ]\n",
     "u:\n  e: [\n    1,\n\n    2,\n    {a: 1,\n      b: 2}\n    ]\n"},
    {"AFileInBrackets", "{\n    a: 1,\n    b: [\n    2\n    ]\n}\n", "{\n  a: 1,\n  b: [\n    2\n  ]\n}\n"},
    {"BlankLines", "\n\na: 1\n\n\n\nb: 2   \n\n\n", "a: 1\n\nb: 2\n"},
    {"NoNewlineAtTheEnd", "a: 1", "a: 1\n"},
    {"LineEnds",
     "\xEF\xBB\xBF"
     "a: 1\r\nb: 2\rc: 3\n",
     "a: 1\nb: 2\nc: 3\n"},
    {"TabsApart", "a:\t1\t# c\n", "a: 1  # c\n"},
    {"QuotesThatAreNotNeeded", "a: \"info\"\n'b': '/v1/x'\n", "a: info\nb: /v1/x\n"},
    {"QuotesThatTellAText", "a: '8080'\nb: 'true'\nc: ''\nd: 'null'\ne: '- x'\nf: '#x'\n",
     "a: \"8080\"\nb: \"true\"\nc: \"\"\nd: \"null\"\ne: \"- x\"\nf: \"#x\"\n"},
    {"QuotesOfAddresses", "a: ['10.0.0.7:80', \"spiffe://a/b\"]\n", "a: [\"10.0.0.7:80\", \"spiffe://a/b\"]\n"},
    {"QuotesThatSpareAnEscape", "a: 'say \"x\"'\nb: 'c:\\d'\nc: 'it''s: so'\n",
     "a: 'say \"x\"'\nb: 'c:\\d'\nc: \"it's: so\"\n"},
    {"EscapesStay", "a: \"x\\ty\"\nb: \"\\u00e9\"\n", "a: \"x\\ty\"\nb: \"\\u00e9\"\n"},
    {"AnEnvironmentInBrackets", "a: {b: \"${NAME}\"}\nc: ${NAME}\n", "a: {b: \"${NAME}\"}\nc: ${NAME}\n"},
    {"AQuotedTextOfSeveralLines", "a:\n    b: \"one\n          two  \n\n       three\"\n",
     "a:\n  b: \"one\n    two\n\n    three\"\n"},
    {"BlockTexts", "a:\n    b: |\n        one\n          two  \n\n        # no comment\n    c: >-\n       x\n",
     "a:\n  b: |\n    one\n      two  \n\n    # no comment\n  c: >-\n    x\n"},
    {"ABlockTextThatSaysItsIndentation", "a:\n    b: |2\n         x\n       y\n", "a:\n  b: |2\n       x\n     y\n"},
    {"ABlockTextThatKeepsItsEnd", "a: |+\n    x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"},
    {"BlankLinesBehindABlockText", "a: |\n    x\n\n\nb: 1\n", "a: |\n  x\n\nb: 1\n"},
    {"CommentsOfTheirOwn", "#a\na:\n    #b\n    b: 1\n    # c\n# d\nc: 1\n# e\n",
     "#a\na:\n  #b\n  b: 1\n  # c\n# d\nc: 1\n# e\n"},
    {"CommentsInLists", "a:\n# one\n- b\n# two\n- c\n# three\n", "a:\n  # one\n  - b\n  # two\n  - c\n# three\n"},
    {"CommentsInBrackets", "a: [ # one\n# two\n 1 ] # three\n", "a: [  # one\n  # two\n  1]  # three\n"},
    {"ACommentThatFitsNowhere", "a:\n    b: 1\n  # x\n    c: 2\n", "a:\n  b: 1\n  # x\n  c: 2\n"},
    {"CommentsBehind", "a: 1 # x\nb: 1        # y\n", "a: 1  # x\nb: 1  # y\n"},
    {"CommentsInAColumn", "a: 1          # x\n\nlonger: 2     # y\n              # and on\nz: 1 # z\n",
     "a: 1          # x\n\nlonger: 2     # y\n              # and on\nz: 1  # z\n"},
    {"AColumnThatIsTooNarrow", "a: {b:1,c: [x,y]} # x\nd: 1              # y\n",
     "a: {b:1, c: [x, y]}  # x\nd: 1                 # y\n"},
    {"ColumnsCountCharacters", "a: \"\xC3\xA9\"    # x\nb: \"e\"    # y\n", "a: \"\xC3\xA9\"    # x\nb: e      # y\n"},
    {"NoCommentWithoutABlank", "a: b#c\n", "a: b#c\n"},
    {"MarksOfTheDocument", "---    # x\na:   1\n...\n", "---  # x\na: 1\n...\n"},
};

TEST(Format, Rows) {
  for (const FormatRow& row : kRows) {
    const Formatted formatted = format(row.before, "f.yaml");
    EXPECT_EQ(formatted.text.value_or(formatted.refusal + brief(formatted.diagnostics)), row.after) << row.name;
    EXPECT_EQ(format(row.after, "f.yaml").text, row.after) << row.name << " is no fixed point";
  }
}

TEST(Format, WhatItLeavesAsItIs) {
  const auto refusal = [](Bytes text) {
    const Formatted formatted = format(text, "f.yaml");
    EXPECT_FALSE(formatted.text);
    EXPECT_TRUE(formatted.diagnostics.empty());
    return formatted.refusal;
  };
  EXPECT_EQ(refusal("b: 1\n? a\n: 2\n"), "f.yaml:2: a key begins with `? `; try: `key: value`");
  EXPECT_EQ(refusal("a:\n  |\n  x\n"), "f.yaml:2: a block text begins in a line of its own; try: the line of its key");
  EXPECT_EQ(refusal("--- {a: 1}\n"), "f.yaml:1: something stands behind `---`; try: a line of its own for it");
}

TEST(Format, WhatIsNoYamlIsToldOfAsByTheLoader) {
  for (const char* text :
       {"a: [1\n", "", "a:\n\tb: 1\n", "version: 1\nversion: 1\n", "version: &b 1\n", "version: 1\n  2\n"}) {
    const Formatted formatted = format(text, "f.yaml");
    EXPECT_FALSE(formatted.text) << text;
    EXPECT_EQ(formatted.refusal, "");
    EXPECT_EQ(brief(formatted.diagnostics), brief(loadText(text).diagnostics)) << text;
  }
}

TEST(Format, WhatIsOnlyWrongAsAConfigIsFormatted) {
  EXPECT_EQ(format("version:   2\nnonsense: 'x'\n", "f.yaml").text, "version: 2\nnonsense: x\n");
}

// ---- What holds for every file

std::map<std::string, std::string> fuzzSeeds() {
  const std::filesystem::path here = __FILE__;  // tests/unit/config/format_test.cc
  const auto folder = here.parent_path().parent_path().parent_path() / "fuzz" / "seeds" / "config";
  std::map<std::string, std::string> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

std::vector<std::string> everyFile() {
  std::vector<std::string> texts;
  for (const auto& [name, text] : exampleFiles()) texts.push_back(text);
  for (const auto& [name, text] : fuzzSeeds()) texts.push_back(text);
  for (const CodeRow& row : allCodes()) {
    texts.push_back(wrongFile(*exampleOf(row.code)));
    texts.emplace_back(exampleOf(row.code)->right);
  }
  for (const auto& rows :
       {syntaxRows(), keysRows(), valuesRows(), routesRows(), referencesRows(), risksRows(), resilienceRows(),
        upstreamsRows(), protocolsRows(), securityRows(), originRows(), tracingRows(), laterRows()}) {
    for (const Row& row : rows) texts.emplace_back(row.yaml);
  }
  return texts;
}

// Codes, messages and values, without the places, which may move.
std::string meaningOf(const std::string& text) {
  const LoadResult loaded = loadText(text);
  std::string out;
  for (const Diagnostic& found : loaded.diagnostics) {
    const size_t place = found.message.find("line ");  // "the route in line 4 is called `a` as well"
    out += codeText(found.code) + " " + found.message.substr(0, place) + "\n";
  }
  for (const EffectiveValue& value : effectiveValues(loaded.effective, "f"))
    out += value.path + "=" + value.value + "\n";
  return out;
}

// As a person finds them: what follows the first # behind a blank. Without it in values, that is the same.
std::vector<std::string> commentsOf(const std::string& text) {
  std::vector<std::string> comments;
  for (size_t at = text.find('#'); at != std::string::npos; at = text.find('#', at)) {
    const bool begins = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n';
    const size_t end = std::min(text.find('\n', at), text.size());
    if (!begins) {
      ++at;
      continue;
    }
    std::string comment = text.substr(at, end - at);
    comment.erase(comment.find_last_not_of(" \r") + 1);
    comments.push_back(comment);
    at = end;
  }
  return comments;
}

void expectSound(const std::string& text) {
  const Formatted formatted = format(text, "f.yaml");
  if (!formatted.text) return;
  ASSERT_EQ(format(*formatted.text, "f.yaml").text, formatted.text) << "not settled:\n" << text;
  ASSERT_EQ(meaningOf(*formatted.text), meaningOf(text)) << text;
}

TEST(Format, KeepsTheMeaningOfEveryFileAndIsSettledAtOnce) {
  size_t formatted = 0;
  for (const std::string& text : everyFile()) {
    expectSound(text);
    formatted += format(text, "f.yaml").text.has_value();
  }
  EXPECT_GT(formatted, 400U);
}

TEST(Format, RefusesNoneOfTheFilesThatTheLoaderTakes) {
  for (const std::string& text : everyFile()) {
    if (loadText(text).model == nullptr) continue;
    EXPECT_EQ(format(text, "f.yaml").refusal, "") << text;
  }
}

TEST(Format, KeepsEveryCommentInItsOrder) {
  size_t comments = 0;
  for (const auto& [name, text] : exampleFiles()) {
    // Spread out, so that there is something to do.
    std::string wide;
    for (const char c : text) wide += c == '\n' ? "  \n" : std::string(1, c);
    const Formatted formatted = format(wide, name);
    ASSERT_TRUE(formatted.text) << formatted.refusal;
    EXPECT_EQ(commentsOf(*formatted.text), commentsOf(text)) << name;
    EXPECT_EQ(*formatted.text, text) << name;
    comments += commentsOf(text).size();
  }
  EXPECT_GT(comments, 200U);
}

TEST(Format, TheExamplesAreCanonical) {
  for (const auto& [name, text] : exampleFiles()) EXPECT_EQ(format(text, name).text, text) << name;
  for (const CodeRow& row : allCodes()) {
    const Bytes right = exampleOf(row.code)->right;
    EXPECT_EQ(format(right, "f.yaml").text, right) << codeText(row.code);
  }
}

TEST(Format, MutatedFilesAreFormattedSoundlyOrLeft) {
  constexpr Bytes kPieces[] = {"{",    "}",   "[",      "]",      ": ",    "- ",   "\n", "  ",        "\t",
                               "\"",   "'",   "#",      " # c\n", "|\n  ", ">-\n", "? ", ", ",        "\n\n\n",
                               "\n- ", "a: ", "\"a\":", "---\n",  "\r\n",  "|2\n", "\\", "\n   # d\n"};
  const std::vector<std::string> texts = everyFile();
  Rng rng(20261126);
  size_t formatted = 0;
  for (int i = 0; i < 3000 && !HasFatalFailure(); ++i) {
    std::string text = texts[rng.below(texts.size())];
    if (text.size() > 4000) continue;
    for (uint64_t k = 0; k <= rng.below(3); ++k) {
      const auto at = static_cast<size_t>(rng.below(text.size() + 1));
      if (rng.below(3) == 0)
        text.erase(at, rng.below(6));
      else
        text.insert(std::min(at, text.size()), kPieces[rng.below(std::size(kPieces))]);
    }
    expectSound(text);
    formatted += format(text, "f.yaml").text.has_value();
  }
  EXPECT_GT(formatted, 300U);
}

TEST(CanonicalQuotes, OneText) {
  EXPECT_EQ(canonicalQuotes("'a b'"), "a b");
  EXPECT_EQ(canonicalQuotes("'a,b'"), "\"a,b\"");
  EXPECT_EQ(canonicalQuotes("\"1.5\""), "\"1.5\"");
  EXPECT_EQ(canonicalQuotes("'it''s'"), "\"it's\"");
  EXPECT_EQ(canonicalQuotes("'a\\b'"), "'a\\b'");
  EXPECT_EQ(canonicalQuotes("\"a\\\\b\""), "\"a\\\\b\"");
}

}  // namespace
}  // namespace outrigger::config
