// AdmissionReviews as the API server sends them, and the patch or refusal of each: reviews/NAME.json with, beside it,
// NAME.golden.json, and where they matter NAME.injector.yaml (else injector.yaml) and NAME.outrigger.yaml, the
// namespace's config. OUTRIGGER_RENEW=1 writes the golden files anew; what changed in them is to be read.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "control/inject/injection.h"
#include "control/inject/settings_file.h"

namespace outrigger::control::inject {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  return fs::path(__FILE__).parent_path() / "reviews";
}

std::string textOf(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::string> caseNames() {
  std::vector<std::string> names;
  std::error_code elsewhere;  // where the tests are only listed
  for (const auto& entry : fs::directory_iterator(folder(), elsewhere)) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with(".json") && !file.ends_with(".golden.json")) names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

Settings settingsOf(const std::string& name) {
  const fs::path own = folder() / (name + ".injector.yaml");
  const fs::path file = fs::exists(own) ? own : folder() / "injector.yaml";
  const InjectorLoad load = loadInjectorFile(textOf(file), file.filename().string());
  for (const auto& diagnostic : load.diagnostics) ADD_FAILURE() << config::render(diagnostic);
  return load.file == nullptr ? Settings() : load.file->settings;
}

/// One review, and what became of it.
class Reviewed {
 public:
  explicit Reviewed(const std::string& name)
      : review_(Json::parse(textOf(folder() / (name + ".json")))), settings_(settingsOf(name)) {
    const fs::path config = folder() / (name + ".outrigger.yaml");
    if (fs::exists(config)) namespaceConfig_ = textOf(config);
  }

  std::expected<Injection, Refusal> inject(const Json& pod) const {
    const Request request{pod, review_["request"]["namespace"], nullptr,
                          namespaceConfig_ ? &*namespaceConfig_ : nullptr};
    return inject::inject(request, settings_);
  }
  const Json& pod() const { return review_["request"]["object"]; }

 private:
  Json review_;
  Settings settings_;
  std::optional<std::string> namespaceConfig_;
};

Json toJson(const std::expected<Injection, Refusal>& result) {
  if (result) return {{"summary", result->summary}, {"warnings", result->warnings}, {"patch", result->patch}};
  constexpr const char* kKinds[] = {"quiet", "told", "forbids"};
  return {{"refused", kKinds[static_cast<size_t>(result.error().kind)]}, {"why", result.error().why}};
}

class Reviews : public ::testing::TestWithParam<std::string> {};

TEST_P(Reviews, GivesTheGoldenPatchOrRefusal) {
  const Reviewed reviewed(GetParam());
  const Json found = toJson(reviewed.inject(reviewed.pod()));
  const fs::path golden = folder() / (GetParam() + ".golden.json");
  if (std::getenv("OUTRIGGER_RENEW") != nullptr) std::ofstream(golden) << found.dump(1) << "\n";
  ASSERT_TRUE(fs::exists(golden)) << "run with OUTRIGGER_RENEW=1 once";
  EXPECT_EQ(found, Json::parse(textOf(golden))) << found.dump(1);
}

// The API server applies the steps itself: they must come to what we say they come to.
TEST_P(Reviews, ThePatchLeadsToThePod) {
  const Reviewed reviewed(GetParam());
  const auto result = reviewed.inject(reviewed.pod());
  if (!result) return;  // refused
  EXPECT_EQ(nlohmann::json(reviewed.pod()).patch(nlohmann::json(result->patch)), nlohmann::json(result->pod));
}

TEST_P(Reviews, APatchedPodIsLeftAlone) {
  const Reviewed reviewed(GetParam());
  auto result = reviewed.inject(reviewed.pod());
  if (!result) return;  // refused
  const auto again = reviewed.inject(result->pod);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, Refusal::Kind::Quiet);
  // Another webhook has put a container in between: called anew, we have nothing to add.
  result->pod["spec"]["containers"].push_back({{"name", "agent"}, {"image", "agent:1"}});
  EXPECT_EQ(reviewed.inject(result->pod).error().kind, Refusal::Kind::Quiet);
}

INSTANTIATE_TEST_SUITE_P(All, Reviews, ::testing::ValuesIn(caseNames()),
                         [](const auto& review) { return review.param; });

}  // namespace
}  // namespace outrigger::control::inject
