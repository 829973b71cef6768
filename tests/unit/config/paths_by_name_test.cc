#include "config/paths_by_name.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

std::vector<EffectiveValue> named(const std::string& yaml) {
  const LoadResult loaded = loadText(yaml);
  EXPECT_NE(loaded.model, nullptr) << brief(loaded.diagnostics);
  auto values = effectiveValues(loaded.effective, "f.yaml");
  namePaths(values);
  return values;
}

std::string at(const std::vector<EffectiveValue>& values, Bytes path) {
  const auto found = std::ranges::find(values, path, &EffectiveValue::path);
  return found == values.end() ? "-" : found->value;
}

TEST(PathsByName, ItemsOfListsAreCalledByTheirNames) {
  const auto values = named(
      "version: 1\n"
      "app: {port: 8080}\n"
      "access: {rules: [{name: reads, path: /v1, allow: true}, {path: /v2, allow: true}]}\n"
      "upstreams:\n"
      "  u: {endpoints: [\"10.0.0.1:80\", {address: \"[::1]:8080\", weight: 2}]}\n"
      "  v.w: {endpoints: [\"10.0.0.2:80\"]}\n"
      "routes:\n"
      "  - {match: {path: /a}, to: u}\n"
      "  - {name: split, match: {path: /b}, to: [u, {upstream: v.w, weight: 3}]}\n");
  EXPECT_EQ(at(values, "access.rules[reads].path"), "/v1");
  EXPECT_EQ(at(values, "access.rules[rule-2].path"), "/v2");
  EXPECT_EQ(at(values, "upstreams.u.endpoints[10.0.0.1:80].address"), "10.0.0.1:80");
  EXPECT_EQ(at(values, "upstreams.u.endpoints[[::1]:8080].weight"), "2");
  EXPECT_EQ(at(values, "upstreams.\"v.w\".endpoints[10.0.0.2:80].address"), "10.0.0.2:80");
  EXPECT_EQ(at(values, "routes[route-1].match.path"), "/a");
  EXPECT_EQ(at(values, "routes[split].to[v.w].weight"), "3");
  EXPECT_EQ(itemsOf("routes", values), (std::vector<std::string>{"route-1", "split"}));
  EXPECT_EQ(itemsOf("access.rules", values), (std::vector<std::string>{"reads", "rule-2"}));
}

TEST(PathsByName, OtherListsKeepTheirNumbers) {
  const auto values = named(
      "version: 1\n"
      "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
      "routes: [{to: u, filters: [{fault: {delay: {percent: 5, time: 1s}}}]}]\n");
  EXPECT_EQ(at(values, "routes[route-1].filters[0].fault.delay.percent"), "5");
}

TEST(WholeValues, HideNothingAndStandAtTheSamePlaces) {
  const LoadResult loaded = loadText(
      "version: 1\n"
      "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
      "routes: [{to: u, filters: [{headers: {request: {set: {authorization: \"Bearer x\", x-a: \"${NAME}\"}}}}]}]\n");
  const std::vector<std::string> files{"f.yaml"};
  const auto shown = effectiveValues(loaded.effective, files);
  const auto whole = wholeValues(loaded.effective, files);
  ASSERT_EQ(shown.size(), whole.size());
  size_t hidden = 0;
  for (size_t i = 0; i < shown.size(); ++i) {
    EXPECT_EQ(shown[i].path, whole[i].path);
    EXPECT_EQ(shown[i].origin, whole[i].origin);
    hidden += shown[i].value != whole[i].value;
  }
  EXPECT_EQ(hidden, 2U);
  EXPECT_EQ(at(shown, "routes[0].filters[0].headers.request.set.authorization"), "(hidden)");
  EXPECT_EQ(at(whole, "routes[0].filters[0].headers.request.set.authorization"), "Bearer x");
  EXPECT_EQ(at(whole, "routes[0].filters[0].headers.request.set.x-a"), "value");
}

}  // namespace
}  // namespace outrigger::config
