#include "config/environment.h"

#include <gtest/gtest.h>

#include "config/yaml.h"
#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

TEST(Environment, Replacements) {
  struct Case {
    const char* text;
    const char* result;
  };
  const Case cases[] = {
      {"plain", "plain"},
      {"${NAME}", "value"},
      {"a-${NAME}-${PORT}", "a-value-8080"},
      {"${NAME:-other}", "value"},
      {"${UNSET:-other}", "other"},
      {"${UNSET:-}", ""},
      {"${EMPTY}", ""},
      {"${EMPTY:-other}", "other"},  // as in a shell: unset or empty
      {"${UNSET:-a:-b}", "a:-b"},
      {"$$", "$"},
      {"$${NAME}", "${NAME}"},
      {"$$$${NAME}", "$${NAME}"},
      {"cost $5", "cost $5"},
      {"end$", "end$"},
      {"$NAME", "$NAME"},
      {"}{", "}{"},
  };
  for (const Case& c : cases) {
    const std::string yaml = "'" + std::string(c.text) + "'";
    Diagnostics diagnostics("f", yaml);
    EXPECT_EQ(putInEnvironment(*readYaml(Source::File, diagnostics), stubEnvironment(), diagnostics).text(), c.result)
        << c.text;
    EXPECT_FALSE(diagnostics.hasErrors()) << c.text;
  }
}

TEST(Environment, WhatAVariableHoldsIsNeverStructure) {
  const EnvironmentLookup lookup = [](Bytes) { return std::optional<std::string>("x, y: [1]\nz: ${X}"); };
  const std::string yaml = "a: ${X}";
  Diagnostics diagnostics("f", yaml);
  const Node root = putInEnvironment(*readYaml(Source::File, diagnostics), lookup, diagnostics);
  EXPECT_EQ(root.entries().size(), 1U);
  EXPECT_EQ(root.find("a")->text(), "x, y: [1]\nz: ${X}");
}

TEST(Environment, ReachesEveryDepthAndLeavesTheRestShared) {
  const std::string yaml = "a: [{b: \"${NAME}\"}, c]";
  Diagnostics diagnostics("f", yaml);
  const Node before = *readYaml(Source::File, diagnostics);
  const Node after = putInEnvironment(before, stubEnvironment(), diagnostics);
  EXPECT_EQ(after.find("a")->items()[0].find("b")->text(), "value");
  EXPECT_EQ(after.find("a")->items()[1].text().data(), before.find("a")->items()[1].text().data());
}

TEST(Environment, AnExplosionIsCut) {
  const EnvironmentLookup lookup = [](Bytes) { return std::optional<std::string>(std::string(100'000, 'x')); };
  std::string yaml = "a: ";
  for (int i = 0; i < 1000; ++i) yaml += "${X}";
  Diagnostics diagnostics("f", yaml);
  EXPECT_TRUE(putInEnvironment(*readYaml(Source::File, diagnostics), lookup, diagnostics).find("a")->isInvalid());
  EXPECT_EQ(brief(diagnostics.take()), "1:4 OR136 with the environment put in, the text has over 1 MiB");
}

}  // namespace
}  // namespace outrigger::config
