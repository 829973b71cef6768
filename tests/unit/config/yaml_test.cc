// What the reader makes of YAML that is accepted; what it refuses stands in rows_syntax.cc.
#include "config/yaml.h"

#include <gtest/gtest.h>

namespace outrigger::config {
namespace {

Node read(Bytes text) {
  Diagnostics diagnostics("f", text);
  auto node = readYaml(Source::File, diagnostics);
  EXPECT_FALSE(diagnostics.hasErrors()) << text;
  return node.value_or(Node());
}

TEST(Yaml, ScalarsAreTextAsWritten) {
  struct Case {
    const char* yaml;
    const char* text;
    bool quoted;
  };
  const Case cases[] = {
      {"a: 1", "1", false},
      {"a: 1.50", "1.50", false},
      {"a: yes", "yes", false},
      {"a: ~", "~", false},
      {"a: null", "null", false},
      {"a: 0x1F", "0x1F", false},
      {"a: 2024-01-01", "2024-01-01", false},
      {"a: \"1\"", "1", true},
      {"a: 'it''s'", "it's", true},
      {"a: \"x\\ty\\u00e9\"", "x\ty\u00e9", true},
      {"a: ''", "", true},
      {"a: b # c", "b", false},
      {"a: b#c", "b#c", false},
      {"a: |\n  x\n   y\n", "x\n y\n", true},
      {"a: >-\n  x\n  y\n", "x y", true},
      {"{\"a\":\"json\"}", "json", true},
      {"a: {b: c}", "", false},
  };
  for (const Case& c : cases) {
    const Node root = read(c.yaml);
    const Node* value = root.find("a");
    ASSERT_NE(value, nullptr) << c.yaml;
    EXPECT_EQ(value->text(), c.text) << c.yaml;
    EXPECT_EQ(value->quoted(), c.quoted) << c.yaml;
  }
}

TEST(Yaml, EveryValueKnowsItsPlace) {
  const Node root = read("# head\na: 1\n\"b\":\n  - x\n  - {c: \"y\", 'd': [z]}\n");
  EXPECT_EQ(root.place(), (Place{2, 1}));
  EXPECT_EQ(root.find("a")->place(), (Place{2, 4}));
  EXPECT_EQ(root.entry("b")->place, (Place{3, 1}));  // where the quote begins
  const Node& list = *root.find("b");
  EXPECT_EQ(list.place(), (Place{4, 3}));
  EXPECT_EQ(list.items()[0].place(), (Place{4, 5}));
  EXPECT_EQ(list.items()[1].find("c")->place(), (Place{5, 9}));
  EXPECT_EQ(list.items()[1].entry("d")->place, (Place{5, 14}));
  EXPECT_EQ(list.items()[1].find("d")->items()[0].place(), (Place{5, 20}));
}

TEST(Yaml, ColumnsCountOctetsAndLinesCountOnceWithCrLf) {
  const Node root = read("a: 1\r\n\"\u00e9\": {b: 2}\r\n");
  EXPECT_EQ(root.find("\u00e9")->find("b")->place(), (Place{2, 11}));
}

TEST(Yaml, NothingBehindAKeyIsNullAtTheKey) {
  const Node root = read("a: 1\nb:\nc: 2\n");
  EXPECT_EQ(root.find("b")->kind(), Node::Kind::Null);
  EXPECT_EQ(root.find("b")->place(), (Place{2, 1}));
}

TEST(Yaml, SixtyFourLevelsAreRead) {
  const std::string text = std::string(64, '[') + "x" + std::string(64, ']');
  const Node root = read(text);
  const Node* at = &root;
  for (int i = 0; i < 64; ++i) at = &at->items()[0];
  EXPECT_EQ(at->text(), "x");
}

TEST(Yaml, TheSourceIsMarked) {
  Diagnostics diagnostics("f", "a: 1");
  EXPECT_EQ(readYaml(Source::BuiltIn, diagnostics)->find("a")->source(), Source::BuiltIn);
}

}  // namespace
}  // namespace outrigger::config
