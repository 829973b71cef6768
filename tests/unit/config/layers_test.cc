// One file laid over another.
#include <gtest/gtest.h>

#include "config/effective.h"
#include "config/load.h"
#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

LoadResult loadBoth(const std::string& base, const std::string& over) {
  const Layer layers[] = {{base, "defaults.yaml"}, {over, "outrigger.yaml"}};
  return load(layers, [](Bytes) { return std::optional<std::string>(); }, {});
}

std::string everything(const LoadResult& result) {
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics) text += render(diagnostic);
  return text;
}

TEST(Layers, MapsMergeKeyByKeyAndListsReplaceWhole) {
  const LoadResult result = loadBoth(
      "version: 1\n"
      "app: {port: 8080, probes: [/a, /b]}\n"
      "upstreams: {x: {endpoints: [\"10.0.0.1:80\", \"10.0.0.2:80\"]}, y: {endpoints: [\"10.0.0.3:80\"]}}\n",
      "app: {probes: [/c]}\n"
      "upstreams: {x: {endpoints: [\"10.0.0.4:80\"]}}\n");
  ASSERT_NE(result.model, nullptr) << everything(result);
  EXPECT_EQ(result.model->app->address.port(), 8080);
  EXPECT_EQ(result.model->app->probes, std::vector<std::string>{"/c"});
  ASSERT_EQ(result.model->upstreams.size(), 2U);
  ASSERT_EQ(result.model->upstreams[0].endpoints.size(), 1U);
  EXPECT_EQ(result.model->upstreams[0].endpoints[0].address.text(), "10.0.0.4:80");
}

TEST(Layers, EachFindingNamesItsFileAndShowsItsLine) {
  const LoadResult result = loadBoth("version: 1\nworkrs: 2\n", "version: 1\n\nlogg: {}\n");
  EXPECT_EQ(result.model, nullptr);
  const std::string text = everything(result);
  EXPECT_NE(text.find("defaults.yaml:2:1 OR120"), std::string::npos) << text;
  EXPECT_NE(text.find("    workrs: 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("outrigger.yaml:3:1 OR120"), std::string::npos) << text;
  EXPECT_NE(text.find("    logg: {}\n"), std::string::npos) << text;
  EXPECT_LT(text.find("defaults.yaml"), text.find("outrigger.yaml"));
}

TEST(Layers, WhatIsNoYamlIsFoundInBoth) {
  const std::string text = everything(loadBoth("a: {\n", "version: 1\nb: [\n"));
  EXPECT_NE(text.find("defaults.yaml:"), std::string::npos) << text;
  EXPECT_NE(text.find("outrigger.yaml:"), std::string::npos) << text;
}

TEST(Layers, AnEmptyFileIsAnErrorOfThatFile) {
  const std::string text = everything(loadBoth("version: 1\n", ""));
  EXPECT_TRUE(text.starts_with("outrigger.yaml:1:1 OR103")) << text;
}

TEST(Layers, EffectiveValuesTellTheirFile) {
  const LoadResult result = loadBoth("version: 1\nworkers: 2\n", "version: 1\nmetrics:\n  maxSeries: 500\n");
  ASSERT_NE(result.model, nullptr);
  std::map<std::string, std::string> origins;
  for (const EffectiveValue& value : effectiveValues(result.effective, result.files))
    origins[value.path] = value.origin;
  EXPECT_EQ(origins["workers"], "defaults.yaml:2");
  EXPECT_EQ(origins["metrics.maxSeries"], "outrigger.yaml:3");
  EXPECT_EQ(origins["log.level"], "built-in");
}

}  // namespace
}  // namespace outrigger::config
