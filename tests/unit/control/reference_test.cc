#include "control/reference/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "config/file_schema.h"
#include "control/reference/markdown.h"
#include "control/reference/value_text.h"
#include "filters/registry.h"

namespace outrigger::control::reference {
namespace {

using ::testing::HasSubstr;

TEST(Reference, AnchorsAreThoseOfRenderers) {
  EXPECT_EQ(anchorOf("policies.NAME.retry"), "policiesnameretry");
  EXPECT_EQ(anchorOf("routes[].to[]"), "routesto");
  EXPECT_EQ(anchorOf("OR1xx: syntax and types (errors)"), "or1xx-syntax-and-types-errors");
}

TEST(Reference, ABarDoesNotEndACell) {
  Table table({"a", "b"});
  table.row({"`x|y`", ""});
  EXPECT_EQ(table.text(), "| a | b |\n|---|---|\n| `x\\|y` | |\n");
}

TEST(Reference, WhatMayStandThere) {
  using namespace config;
  constexpr Word kWords[] = {{"one"}, {"two"}};
  constexpr Type kItem = integer(1, 9);
  EXPECT_EQ(valueText(duration(1ms, 1h).orAuto().orNone(), ""), "time, 1ms to 1h, or `auto`, or `none`");
  EXPECT_EQ(valueText(word(kWords), ""), "`one`, `two`");
  EXPECT_EQ(valueText(list(kItem, 1, 5).orSingle(), ""), "list, not empty: number, 1 to 9; or one of them");
  EXPECT_EQ(valueText(size(0, 1 << 20), ""), "size, 0B to 1MiB");
}

// A map that no heading tells of, or a map told twice, would leave a link that leads elsewhere.
void expectTold(const std::string& page, const config::Shape& shape, std::vector<const config::Shape*>& seen) {
  if (std::ranges::find(seen, &shape) != seen.end()) return;
  seen.push_back(&shape);
  for (const config::Field& field : shape.fields) {
    EXPECT_THAT(page, HasSubstr("| `" + std::string(field.key) + "` |")) << shape.name;
    EXPECT_THAT(page, HasSubstr(std::string(field.doc))) << shape.name;
    if (const config::Shape* inner = shapeBehind(field.type)) expectTold(page, *inner, seen);
  }
}

TEST(Reference, EveryKeyOfTheFileIsTold) {
  std::vector<const config::Shape*> seen;
  const std::string page = configKeys();
  expectTold(page, config::kFileShape, seen);
  size_t headings = 0;
  for (size_t at = page.find("\n## `"); at != page.npos; at = page.find("\n## `", at + 1)) ++headings;
  EXPECT_EQ(headings, seen.size() - 1) << "one for each map but the file";
}

TEST(Reference, BuiltInValuesStandBesideTheirKeys) {
  const std::string page = configKeys();
  EXPECT_THAT(page, HasSubstr("| `limit` | number, 0 to 10 | `2` |"));
  EXPECT_THAT(page, HasSubstr("| `interval` | time, 100ms to 1h | `5s` |"));
  EXPECT_THAT(page, HasSubstr("| `version` | text | must be there |"));
}

std::vector<std::string> pathsCalled(const std::string& name) {
  std::vector<std::string> paths;
  for (const KeyRow& row : keysCalled(name)) paths.push_back(row.path);
  return paths;
}

TEST(Reference, AKeyIsFoundByItsPathOrItsEnd) {
  using ::testing::ElementsAre;
  EXPECT_THAT(pathsCalled("retry.limit"), ElementsAre("policies.NAME.retry.limit", "routes[].override.retry.limit"));
  EXPECT_THAT(pathsCalled("policies.fragile.retry.limit"), ElementsAre("policies.NAME.retry.limit"));
  EXPECT_THAT(pathsCalled("routes[].name"), ElementsAre("routes[].name"));
  EXPECT_THAT(pathsCalled("routes.name"), ElementsAre("routes[].name"));
  EXPECT_THAT(pathsCalled("limit"), ::testing::Contains("policies.NAME.retry.limit"));
  EXPECT_THAT(pathsCalled("retry.limti"), ElementsAre());
  EXPECT_THAT(pathsCalled(""), ElementsAre());
  EXPECT_THAT(pathsCalled("anything"), ElementsAre()) << "a name that the file chooses is no key";
  const KeyRow limit = keysCalled("retry.limit").front();
  EXPECT_EQ(limit.value, "number, 0 to 10");
  EXPECT_EQ(limit.builtIn, "`2`");
}

TEST(Reference, EveryFilterIsTold) {
  const std::string page = filterTables(filters::schemas());
  for (const config::FilterSchema& filter : filters::schemas()) {
    EXPECT_THAT(page, HasSubstr("## `" + std::string(filter.name) + "`\n\n" + std::string(filter.doc)));
  }
}

}  // namespace
}  // namespace outrigger::control::reference
