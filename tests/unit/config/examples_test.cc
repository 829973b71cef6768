#include "tests/unit/config/examples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config/built_in.h"
#include "config/effective.h"
#include "config/file_schema.h"
#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

TEST(Examples, LoadWithoutAnyFinding) {
  const auto files = exampleFiles();
  EXPECT_GE(files.size(), 8U);
  for (const auto& [name, text] : files) {
    const LoadResult result = loadText(text);
    EXPECT_EQ(brief(result.diagnostics), "") << name;
    EXPECT_NE(result.model, nullptr) << name;
    EXPECT_TRUE(text.starts_with("# ")) << name << " begins with what it is for";
  }
}

// Every key of a shape that occurs somewhere in a value of it.
void collectKeys(const Node& node, const Type& type, std::set<const Field*>& seen) {
  if (type.kind == Type::Kind::List) {
    for (const Node& item : node.items()) collectKeys(item, *type.item, seen);
    if (!node.isList()) collectKeys(node, *type.item, seen);
  } else if (type.kind == Type::Kind::Names) {
    for (const Node::Entry& entry : node.entries()) collectKeys(entry.value, *type.item, seen);
  } else if (type.kind == Type::Kind::Map) {
    for (const Node::Entry& entry : node.entries()) {
      const Field* field = type.shape->find(entry.key);
      if (field == nullptr) continue;
      seen.insert(field);
      collectKeys(entry.value, field->type, seen);
    }
  }
}

void expectAllSeen(const Type& type, const std::set<const Field*>& seen, const std::string& path) {
  if (type.item != nullptr) expectAllSeen(*type.item, seen, path);
  if (type.shape == nullptr) return;
  for (const Field& field : type.shape->fields) {
    const std::string here = path + "." + std::string(field.key);
    const bool elsewhere = here == ".app.address" || here.starts_with(".app.ports") || here == ".routes.match.regex" ||
                           here == ".routes.redirect.path" ||
                           here.starts_with(".routes.override.");  // their neighbours exclude them, or stand for them
    EXPECT_TRUE(seen.contains(&field) || elsewhere) << here;
    expectAllSeen(field.type, seen, here);
  }
}

TEST(Examples, TheFullOneNamesEveryKey) {
  const std::string text = exampleFiles()["full.yaml"];
  const LoadResult result = loadText(text);
  ASSERT_NE(result.model, nullptr);
  std::set<const Field*> seen;
  collectKeys(result.effective, kFileType, seen);
  expectAllSeen(kFileType, seen, "");
}

TEST(Examples, TheFullOneStatesTheDefaults) {
  const LoadResult full = loadText(exampleFiles()["full.yaml"]);
  const LoadResult least = loadText("version: 1\napp: {port: 8080}\n");
  std::map<std::string, std::string> defaults;
  for (const EffectiveValue& value : effectiveValues(least.effective, "f")) defaults[value.path] = value.value;
  size_t compared = 0;
  for (const EffectiveValue& value : effectiveValues(full.effective, "f")) {
    const auto found = defaults.find(value.path);
    if (found == defaults.end()) continue;
    EXPECT_EQ(value.value, found->second) << value.path;
    const bool fromTheFile = value.origin.starts_with("f:");
    EXPECT_TRUE(fromTheFile || value.path.starts_with("policies.inbound.")) << value.path << " is not written out";
    ++compared;
  }
  EXPECT_EQ(compared, defaults.size());
}

}  // namespace
}  // namespace outrigger::config
