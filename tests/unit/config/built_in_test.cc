// The built-in texts against the tables: every key with a default is there, and every value is sound.
#include "config/built_in.h"

#include <gtest/gtest.h>

#include <set>

#include "config/file_schema.h"
#include "config/policy_schema.h"
#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

TEST(BuiltIn, TheFileIsAFileOfTheFormat) {
  Diagnostics diagnostics("built-in", "");
  check(builtInFile(), kFileType, "", diagnostics);
  EXPECT_EQ(brief(diagnostics.take()), "");
}

void expectComplete(const Node& map, const Shape& shape, const std::string& path) {
  for (const Field& field : shape.fields) {
    if (field.key == "extends") continue;
    const Node* value = map.find(field.key);
    ASSERT_NE(value, nullptr) << path << field.key;
    EXPECT_EQ(value->source(), Source::BuiltIn);
    if (field.type.kind == Type::Kind::Map && !value->is("auto"))
      expectComplete(*value, *field.type.shape, path + std::string(field.key) + ".");
  }
}

TEST(BuiltIn, EveryKeyOfAPolicyHasADefault) {
  expectComplete(*builtInFile().find("policies")->find("default"), kPolicyShape, "policies.default.");
}

TEST(BuiltIn, EverySectionIsComplete) {
  const std::set<Bytes> others{"app", "policies", "upstreams", "routes", "identity", "access", "tracing"};
  for (const Field& field : kFileShape.fields) {
    if (others.contains(field.key)) continue;
    const Node file = builtInFile();
    const Node* value = file.find(field.key);
    ASSERT_NE(value, nullptr) << field.key;
    if (field.type.kind == Type::Kind::Map) expectComplete(*value, *field.type.shape, std::string(field.key) + ".");
  }
}

TEST(BuiltIn, UpstreamsAndTheAppHaveTheRest) {
  for (const Field& field : kUpstreamShape.fields) {
    const bool tellsEndpoints = std::set<Bytes>{"endpoints", "dns", "port", "kubernetes"}.contains(field.key);
    EXPECT_EQ(builtInUpstream().find(field.key) == nullptr, tellsEndpoints) << field.key;
  }
  EXPECT_TRUE(builtInApp().find("policy")->is("inbound"));
  for (const Field& field : kAccessShape.fields) EXPECT_NE(builtInAccess().find(field.key), nullptr) << field.key;
}

}  // namespace
}  // namespace outrigger::config
