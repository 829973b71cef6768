#include "control/schema/json_schema.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "config/file_schema.h"
#include "config/yaml.h"
#include "control/schema/forms.h"
#include "filters/registry.h"
#include "tests/support/json_schema.h"

namespace outrigger::control::schema {
namespace {

using config::Diagnostics;

Json read(const std::string& yaml) {
  Diagnostics diagnostics("file", yaml);
  const auto node = config::readYaml(config::Source::File, diagnostics);
  return node ? test::asEditorSees(*node) : Json();
}

class JsonSchema : public ::testing::Test {
 protected:
  std::string wrong(const std::string& yaml) const { return test::SchemaCheck(schema_)(read(yaml)); }

  const Json schema_ = jsonSchema(filters::schemas());
};

TEST_F(JsonSchema, EveryExampleFits) {
  const std::filesystem::path here = __FILE__;
  const auto folder = here.parent_path().parent_path().parent_path().parent_path() / "config" / "examples";
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path());
    EXPECT_EQ(wrong(std::string(std::istreambuf_iterator<char>(in), {})), "") << entry.path().filename();
    ++count;
  }
  EXPECT_GE(count, 8U);
}

TEST_F(JsonSchema, TakesWhatTheLoaderTakes) {
  for (const char* rest : {
           "app: {port: '8080'}\n",
           "app: {port: \"${PORT:-8080}\"}\n",
           "workers: auto\n",
           "listen: {admin: none, telemetry: 'unix:/run/t.sock'}\n",
           "policies: {p: {timeout: {request: none, attempt: auto}, retry: {when: none, methods: [GET]}}}\n",
           "policies: {p: {breaker: none, eject: {errors: auto, latency: {barPercent: 200}}}}\n",
           "policies: {p: {hedge: {percent: 0.5}, retry: {when: [5xx, 503, unsent]}}}\n",
           "upstreams: {u: {endpoints: [{address: '10.0.0.1:80', weight: 2}], sidecar: true, balance: random}}\n",
           "upstreams: {u: {dns: a.b, port: 80, balance: {hash: source}}}\n",
           "routes: [{match: {method: GET, headers: {x-beta: 1}}, to: u, mirror: v}]\n",
           "routes: [{match: {method: [GET, PUT]}, to: [u, {upstream: v, weight: 0}], mirror: none}]\n",
           "metrics: {buckets: [1ms, 5ms]}\n",
       }) {
    EXPECT_EQ(wrong(std::string("version: 1\n") + rest), "") << rest;
  }
}

TEST_F(JsonSchema, RefusesUnknownKeysWrongKindsAndForms) {
  for (const auto& [yaml, why] : std::vector<std::pair<std::string, std::string>>{
           {"upstreams: {}\n", ": required version"},
           {"version: 2\n", "/version: enum"},
           {"version: 1\nupstreems: {}\n", "/upstreems: unknown"},
           {"version: 1\nadmin: {action: true}\n", "/admin/action: unknown"},
           {"version: 1\nadmin: {actions: yes}\n", "/admin/actions: pattern"},
           {"version: 1\napp: 8080\n", "/app: type"},
           {"version: 1\napp: {port: 70000}\n", "/app/port: maximum"},
           {"version: 1\nlog: {level: trace}\n", "/log/level: pattern"},
           {"version: 1\nshutdown: {grace: 25}\n", "/shutdown/grace: type"},
           {"version: 1\nshutdown: {grace: 1.5s}\n", "/shutdown/grace: pattern"},
           {"version: 1\nupstreams: {u: {endpoints: []}}\n", "/upstreams/u/endpoints: minItems"},
           {"version: 1\nupstreams: {'a b': {dns: x, port: 1}}\n", "/upstreams/a b: propertyNames"},
           {"version: 1\nroutes: [{to: u, filters: [{heders: {}}]}]\n", "/routes/0/filters/0/heders: unknown"},
           {"version: 1\nroutes: [{to: u, filters: [{fault: {}, headers: {}}]}]\n",
            "/routes/0/filters/0: maxProperties"},
       }) {
    EXPECT_EQ(wrong(yaml), why) << yaml;
  }
}

TEST_F(JsonSchema, FormsAgreeWithTheReaders) {
  const auto fits = [](const char* form, const std::string& text) { return std::regex_search(text, std::regex(form)); };
  for (const char* text :
       {"1h",  "1h30m", "250ms", "1s500ms", "0s",  "0ms", "5m",  "5ms", "1m5ms", "1h1m1s1ms", "",    "5",   "s",
        "01s", "1s1s",  "1ms1s", "1.5s",    "-1s", "1d",  "1 s", "1S",  "1s ",   "10000m",    "1us", "1hm", "00s"}) {
    EXPECT_EQ(fits(kDurationForm, text), config::readDuration(text).has_value()) << text;
  }
  for (const char* text : {"1B", "64KiB", "10MiB", "1GiB", "0B", "64", "64KB", "064KiB", "1.5MiB", "KiB", "1kib", ""}) {
    EXPECT_EQ(fits(kSizeForm, text), config::readSize(text).has_value()) << text;
  }
  for (const char* text :
       {"0", "1", "99", "100", "100.0", "0.5", "12.25", "100.5", "101", "05", "1.", ".5", "5%", "", "-1", "1000"}) {
    EXPECT_EQ(fits(kPercentForm, text), config::readPercent(text).has_value()) << text;
  }
  for (const char* text : {"10.0.0.7:80", "[::1]:80", "unix:/run/a.sock", "payments:80", "10.0.0.7", "::1:80", "80"}) {
    EXPECT_EQ(fits(kAddressForm, text), config::readAddress(text, config::AddressUse::Call).has_value()) << text;
  }
}

TEST_F(JsonSchema, TextFormsRefuseNothingThatItsCheckTakes) {
  const char* const texts[] = {
      "a",      "a.b-c_d",  "GET",    "/",    "/v1",   "/v1/x",        "/h?x=1",       "unsent", "503", "5xx", "307",
      "x-user", "payments", "/etc/x", "POST", "PURGE", "spiffe://d/a", "spiffe://d/*", "a+b",    "~",   "0a"};
  std::function<void(const config::Type&)> visit = [&](const config::Type& type) {
    const std::string form = formOf(type.textCheck);
    for (const char* text : texts) {
      if (form.empty() || type.textCheck(text)) continue;
      EXPECT_TRUE(std::regex_search(text, std::regex(form))) << text << " and " << form;
    }
    if (type.item != nullptr) visit(*type.item);
    if (type.shape == nullptr) return;
    for (const config::Field& field : type.shape->fields) visit(field.type);
  };
  visit(config::kFileType);
}

TEST_F(JsonSchema, SaysWhatEachKeyMeansAndItsDefault) {
  std::function<void(const Json&, const std::string&)> visit = [&](const Json& schema, const std::string& path) {
    if (!schema.is_object()) return;
    if (schema.contains("properties")) {
      for (const auto& [key, value] : schema["properties"].items()) {
        EXPECT_GT(value.value("description", "").size(), 5U) << path << "." << key;
        visit(value, path + "." + key);
      }
    }
    for (const Json& way : schema.value("anyOf", Json::array())) visit(way, path);
    if (schema.contains("items")) visit(schema["items"], path + "[]");
    if (schema.contains("additionalProperties")) visit(schema["additionalProperties"], path + ".*");
  };
  visit(schema_, "");
  const Json& policy = schema_["properties"]["policies"]["additionalProperties"]["properties"];
  EXPECT_EQ(policy["timeout"]["properties"]["request"]["default"], "15s");
  EXPECT_EQ(policy["retry"]["properties"]["limit"]["default"], 2);
  EXPECT_EQ(schema_["properties"]["admin"]["properties"]["actions"]["default"], false);
  EXPECT_EQ(schema_["properties"]["upstreams"]["additionalProperties"]["properties"]["balance"]["default"],
            "least-request");
}

}  // namespace
}  // namespace outrigger::control::schema
