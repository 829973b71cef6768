// YAML of Kubernetes' objects to JSON, and trees to YAML.
#include "config/manifest.h"

#include <gtest/gtest.h>

#include "config/plain_scalar.h"
#include "config/write_yaml.h"
#include "config/yaml.h"

namespace outrigger::config {
namespace {

std::string json(Bytes text) {
  const auto documents = readManifest(text, "f");
  if (!documents) return render(documents.error().front());
  return documents->back().json;
}

TEST(Manifest, PlainScalarsAreWhatKubernetesReadsThemAs) {
  const std::pair<const char*, const char*> cases[] = {
      {"a: 8080", "8080"},
      {"a: '8080'", "\"8080\""},
      {"a: -1", "-1"},
      {"a: +7", "7"},
      {"a: 0644", "420"},
      {"a: 0o17", "15"},
      {"a: 0x1F", "31"},
      {"a: 08", "8"},
      {"a: 1.5", "1.5"},
      {"a: .5", "0.5"},
      {"a: 1.", "1.0"},
      {"a: 1e3", "1e3"},
      {"a: true", "true"},
      {"a: yes", "true"},
      {"a: Off", "false"},
      {"a: \"yes\"", "\"yes\""},
      {"a: ~", "null"},
      {"a:", "null"},
      {"a: null", "null"},
      {"a: ''", "\"\""},
      {"a: 10m", "\"10m\""},
      {"a: 1.2.3", "\"1.2.3\""},
      {"a: 12:30", "\"12:30\""},
      {"a: [1, x]", "[1,\"x\"]"},
      {"a: {}", "{}"},
      {"a: []", "[]"},
      {"a: 0", "0"},
      {"a: x y", "\"x y\""},
      {"a: |\n  b\n  c\n", "\"b\\u000ac\\u000a\""},
  };
  for (const auto& [yaml, value] : cases) {
    EXPECT_EQ(json(yaml), "{\"a\":" + std::string(value) + "}") << yaml;
  }
}

TEST(Manifest, AValueMayGoOnInTheNextLine) {
  EXPECT_EQ(json("a: b\n  c\n"), "{\"a\":\"b c\"}");
}

TEST(Manifest, DocumentsKeepTheirText) {
  const std::string text = "# first\na: 1\n---\n# only a comment\n---\nb: |\n  ---x\n--- # third\nc: 3";
  const auto documents = readManifest(text, "f");
  ASSERT_TRUE(documents.has_value());
  std::vector<std::string> jsons;
  std::string again;
  for (const ManifestDocument& document : *documents) {
    jsons.push_back(document.json);
    again += document.text;
  }
  EXPECT_EQ(jsons, (std::vector<std::string>{"{\"a\":1}", "null", "{\"b\":\"---x\\u000a\"}", "{\"c\":3}"}));
  EXPECT_EQ(again, text);
}

TEST(Manifest, WhatIsSharedOrTwiceIsRefusedInItsPlace) {
  EXPECT_TRUE(json("a: 1\n---\nb: &x 1\n").starts_with("f:3:")) << json("a: 1\n---\nb: &x 1\n");
  EXPECT_TRUE(json("a: 1\n---\nb: *x\n").starts_with("f:3:4 OR107"));
  EXPECT_TRUE(json("a: 1\n---\n\nb: 1\nb: 2\n").starts_with("f:5:1 OR109"));
  EXPECT_TRUE(json("a: {\n").starts_with("f:"));
}

TEST(Manifest, JsonIsYamlToo) {
  EXPECT_EQ(json("{\"a\": [1, \"2\", null, true]}"), "{\"a\":[1,\"2\",null,true]}");
}

// ---- Writing

Node read(Bytes text) {
  Diagnostics diagnostics("f", text);
  const auto node = readYaml(Source::File, diagnostics, Dialect::Manifest);
  EXPECT_FALSE(diagnostics.hasErrors()) << text;
  return node.value_or(Node());
}

TEST(WriteYaml, WritesBlocksAsPeopleDo) {
  const std::string text =
      "apiVersion: v1\n"
      "spec:\n"
      "  args:\n"
      "  - run\n"
      "  - \"8080\"\n"
      "  empty: {}\n"
      "  list:\n"
      "  - name: x\n"
      "    value: 1\n"
      "  - - deep\n"
      "    - er\n"
      "  none: []\n"
      "  nothing:\n"
      "  text: |\n"
      "    line: 1\n"
      "\n"
      "      more\n"
      "  tail: |-\n"
      "    a\n"
      "    b\n";
  EXPECT_EQ(writeYaml(read(text)), text);
}

TEST(WriteYaml, StringsComeBackAsStrings) {
  const char* const texts[] = {
      "",    "1",    "0644", "yes",   "null",  "~",          "a: b", "a #b", "#x",  "- x",  "[x",   "{x",  "*x",
      "&x",  "!x",   "|",    ">",     "'x'",   "\"x\"",      "x:",   " x",   "x ",  "a\nb", "a\n",  "\n",  "a\n\nb\n\n",
      "%x",  "@x",   "`x",   "1.5",   "12:30", "2024-01-01", "y",    "N",    "<<",  "é",    "a\tb", "---", "...",
      "1e3", "x, y", "\x01", " a\nb", "a \nb", "[::]:80",    "${X}", "$(X)", "0x1", "-1",   "-"};
  for (const char* text : texts) {
    const Node list = Node::list({Node::scalar(text, true, {})}, {});
    const Node map = Node::map({{"k", {}, Node::scalar(text, true, {})}}, {});
    const std::string listText = writeYaml(list);
    const std::string mapText = writeYaml(map);
    EXPECT_EQ(jsonText(read(listText)), jsonText(list)) << listText;
    EXPECT_EQ(jsonText(read(mapText)), jsonText(map)) << mapText;
  }
}

TEST(WriteYaml, WhatWasPlainStaysPlainAndTheEnvironmentStaysOut) {
  const Node node = Node::map(
      {{"a", {}, Node::scalar("0644", false, {})}, {"b", {}, Node::scalar("${X}", false, {}).replaced("1")}}, {});
  EXPECT_EQ(writeYaml(node), "a: 0644\nb: \"${X}\"\n");
}

TEST(PlainScalar, NothingWrittenPlainIsReadAsAnythingElse) {
  for (const char* text : {"run", "/etc/outrigger", "a.b-c", "1.2.3", "10m", "64Mi", "shop/cart:1.4.2"}) {
    EXPECT_TRUE(mayBePlain(text)) << text;
    EXPECT_FALSE(plainLiteral(text)) << text;
  }
}

}  // namespace
}  // namespace outrigger::config
