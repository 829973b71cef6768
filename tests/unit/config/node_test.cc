#include "config/node.h"

#include <gtest/gtest.h>

#include "config/yaml.h"

namespace outrigger::config {
namespace {

Node read(Bytes text, Source source = Source::File) {
  Diagnostics diagnostics("f", text);
  auto node = readYaml(source, diagnostics);
  EXPECT_FALSE(diagnostics.hasErrors()) << text;
  return node.value_or(Node());
}

// A node as flow YAML, with `'` behind what is built-in.
std::string flow(const Node& node) {
  const std::string mark = node.source() == Source::BuiltIn ? "'" : "";
  if (node.isScalar()) return std::string(node.text()) + mark;
  std::string out;
  for (const Node& item : node.items()) out += (out.empty() ? "" : ", ") + flow(item);
  for (const Node::Entry& entry : node.entries()) {
    out += (out.empty() ? "" : ", ") + entry.key + ": " + flow(entry.value);
  }
  return node.isList() ? "[" + out + "]" : "{" + out + "}";
}

TEST(Node, MergeTable) {
  struct Case {
    const char* base;
    const char* over;
    const char* result;
  };
  const Case cases[] = {
      {"a: 1", "b: 2", "{a: 1', b: 2}"},
      {"{a: 1, b: 2}", "a: 3", "{a: 3, b: 2'}"},
      {"a: {b: 1, c: {d: 2, e: 3}}", "a: {c: {e: 4}}", "{a: {b: 1', c: {d: 2', e: 4}}}"},
      {"a: [1, 2, 3]", "a: [4]", "{a: [4]}"},  // lists replace whole
      {"a: {b: 1}", "a: none", "{a: none}"},
      {"a: none", "a: {b: 1}", "{a: {b: 1}}"},
      {"a: {}", "a: {}", "{a: {}}"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(flow(merge(read(c.base, Source::BuiltIn), read(c.over))), c.result) << c.base << " + " << c.over;
  }
}

TEST(Node, ACopySharesItsContent) {
  const Node node = read("a: [1, 2]");
  const Node copy = node;
  EXPECT_EQ(copy.find("a")->items().data(), node.find("a")->items().data());
}

TEST(Node, WithAndWithoutLeaveTheRestAlone) {
  const Node map = read("{a: 1, b: 2}");
  EXPECT_EQ(flow(with(map, "b", read("3"))), "{a: 1, b: 3}");
  EXPECT_EQ(flow(with(map, "c", read("3"))), "{a: 1, b: 2, c: 3}");
  EXPECT_EQ(flow(without(map, "a")), "{b: 2}");
  EXPECT_EQ(flow(without(map, "x")), "{a: 1, b: 2}");
  EXPECT_EQ(flow(map), "{a: 1, b: 2}");
  EXPECT_EQ(flow(with(read("5"), "a", map)), "5");
}

TEST(Node, KeepsWhatWasWrittenWhenTheEnvironmentIsPutIn) {
  const Node node = read("\"${X}\"").replaced("secret");
  EXPECT_EQ(node.text(), "secret");
  EXPECT_EQ(node.written(), "${X}");
  EXPECT_TRUE(node.fromEnvironment());
  EXPECT_TRUE(node.quoted());
  EXPECT_EQ(node.replaced("other").written(), "${X}");
  EXPECT_FALSE(read("x").fromEnvironment());
}

TEST(Node, OtherKindsAreEmptyNotUndefined) {
  for (const Node& node : {Node(), Node::null({}), Node::invalid({})}) {
    EXPECT_EQ(node.text(), "");
    EXPECT_TRUE(node.items().empty());
    EXPECT_TRUE(node.entries().empty());
    EXPECT_EQ(node.find("a"), nullptr);
    EXPECT_FALSE(node.is(""));
  }
}

}  // namespace
}  // namespace outrigger::config
