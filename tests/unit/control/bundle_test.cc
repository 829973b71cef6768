// The archive for a bug report: its format, its pages, and what is left out of them.
#include "control/bundle/bundle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/diagnostic.h"
#include "control/bundle/redaction.h"
#include "control/bundle/system_text.h"
#include "control/bundle/tar.h"

namespace outrigger::control::bundle {
namespace {

constexpr WallTime kWhen{std::chrono::seconds(1'769'860'800)};  // 2026-01-31T12:00:00Z

uint64_t octalAt(const std::string& text, size_t at) {
  return std::stoull(text.substr(at), nullptr, 8);
}

TEST(Tar, AFileIsAHeadAndWholeBlocks) {
  Tar tar(kWhen);
  ASSERT_TRUE(tar.add("a/status.json", std::string(513, 'x')));
  const std::string archive = tar.finish();
  EXPECT_EQ(archive.size() % 10240, 0U);
  EXPECT_EQ(archive.substr(0, 14), std::string("a/status.json\0", 14));
  EXPECT_EQ(archive.substr(100, 8), std::string("0000600\0", 8));
  EXPECT_EQ(octalAt(archive, 124), 513U);
  EXPECT_EQ(octalAt(archive, 136), 1'769'860'800U);
  EXPECT_EQ(archive[156], '0');
  EXPECT_EQ(archive.substr(257, 8), std::string("ustar\00000", 8));
  EXPECT_EQ(archive.substr(512, 513), std::string(513, 'x'));
  EXPECT_EQ(archive.find_first_not_of('\0', 512 + 513), std::string::npos) << "the rest is empty";
}

TEST(Tar, TheChecksumIsTheSumWithBlanksInItsPlace) {
  Tar tar(kWhen);
  ASSERT_TRUE(tar.add("name", "text"));
  std::string head = tar.finish().substr(0, 512);
  const uint64_t told = octalAt(head, 148);
  EXPECT_EQ(head.substr(154, 2), std::string("\0 ", 2));
  head.replace(148, 8, "        ");
  uint64_t sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  EXPECT_EQ(told, sum);
}

TEST(Tar, FilesStandOneBehindTheOther) {
  Tar tar(kWhen);
  ASSERT_TRUE(tar.add("empty", ""));
  ASSERT_TRUE(tar.add("full", std::string(512, 'x')));
  ASSERT_TRUE(tar.add("last", "y"));
  const std::string archive = tar.finish();
  EXPECT_TRUE(archive.substr(512).starts_with("full")) << "nothing stands between two heads";
  EXPECT_TRUE(archive.substr(3 * 512).starts_with("last")) << "no block is filled up where one is full";
}

TEST(Tar, LongNamesAreCutAtASlash) {
  Tar tar(kWhen);
  const std::string folder(120, 'f'), file(100, 'n');
  ASSERT_TRUE(tar.add(folder + "/" + file, ""));
  const std::string archive = tar.finish();
  EXPECT_EQ(archive.substr(0, 100), file);
  EXPECT_EQ(archive.substr(345, 121), folder + std::string(1, '\0'));
}

TEST(Tar, NamesThatItCannotHoldAreRefused) {
  Tar tar(kWhen);
  EXPECT_TRUE(tar.add(std::string(100, 'n'), ""));
  const std::string before = tar.finish();
  EXPECT_FALSE(tar.add("", ""));
  EXPECT_FALSE(tar.add(std::string(101, 'n'), ""));
  EXPECT_FALSE(tar.add(std::string(156, 'f') + "/" + std::string(100, 'n'), ""));
  EXPECT_FALSE(tar.add(std::string(120, 'f') + "/", ""));
  EXPECT_EQ(tar.finish(), before);
}

TEST(BundleRedaction, ValuesOfHeadersAndBodiesAreHidden) {
  const auto shown = [](const std::string& path, const std::string& value) {
    return withoutSecrets({{"values", Json::array({{{"path", path}, {"value", value}, {"origin", "f:1"}}})}})
        .at("values")[0]
        .at("value")
        .get<std::string>();
  };
  for (const char* path : {"routes[0].filters[0].headers.request.set.x-partner", "routes[0].match.headers.x-user",
                           "routes[0].filters[0].headers.request.add.\"x.y\"", "routes[1].respond.body",
                           "routes[1].respond.headers.x-y"}) {
    EXPECT_EQ(shown(path, "Bearer canary"), "(hidden)") << path;
    EXPECT_EQ(shown(path, "${NAME}"), "${NAME}") << path;
    EXPECT_EQ(shown(path, "${NAME:-canary}"), "(hidden)") << "what stands behind :- is a value";
    EXPECT_EQ(shown(path, "${A}canary${B}"), "(hidden)");
  }
  EXPECT_EQ(shown("policies.default.timeout.request", "15s"), "15s");
  EXPECT_EQ(shown("policies.default.timeout.body", "30s"), "30s");
  for (const char* path :
       {"upstreams.set.endpoints[0].address", "policies.headers.mode", "policies.add.timeout.idle"}) {
    EXPECT_EQ(shown(path, "plain"), "plain") << path << ": a name, and no map of headers";
  }
}

TEST(BundleRedaction, SoAreBothSidesOfAChange) {
  const Json page{{"changes", Json::array({{{"path", "routes[0].filters[0].headers.request.set.x"},
                                            {"before", nullptr},
                                            {"after", "canary"}}})}};
  const Json change = withoutSecrets(page).at("changes")[0];
  EXPECT_TRUE(change.at("before").is_null());
  EXPECT_EQ(change.at("after"), "(hidden)");
}

TEST(BundleRedaction, ErrorsSayWhereAndWhatButQuoteNothing) {
  const std::string error =
      "c.yaml:9:55 OR122 `canary` needs one value; here stands `canary\n"
      "    authorization: canary\n    ^\n  try: canary\n"
      "c.yaml:10:44 OR120 an answer has no key `x`\n";
  const std::string safe =
      "c.yaml:9:55 OR122 `...` needs one value; here stands `...`\nc.yaml:10:44 OR120 an answer has no key `...`";
  EXPECT_EQ(withoutQuotes(error), safe);
  for (const char* value : {"`canary", "canary`", "a`canary`b", "`canary` `canary", "``canary"}) {
    const std::string line = "c.yaml:9:55 OR122 " + config::inQuotes(value) + " is no time";
    EXPECT_EQ(withoutQuotes(line), "c.yaml:9:55 OR122 `...` is no time") << value;
  }
  const Json page = withoutSecrets({{"config", {{"error", error}, {"rejected", {{"at", "c.yaml:9"}, {"text", error}}}}},
                                    {"decisions", Json::array({{{"text", "breaker of `x`"}}})}});
  EXPECT_EQ(page.at("config").at("error"), safe);
  EXPECT_EQ(page.at("config").at("rejected").at("text"), safe);
  EXPECT_EQ(page.at("decisions")[0].at("text"), "breaker of `x`") << "decisions are no errors";
}

TEST(BundleSystem, OfAProcessOnlySizesAreTold) {
  EXPECT_EQ(sizesIn("Name:\toutrigger\nVmRSS:\t  12 kB\nUid:\t0\nThreads:\t3"), "VmRSS:\t  12 kB\nThreads:\t3\n");
  EXPECT_NE(ownProcessText().find("VmRSS"), std::string::npos);
  EXPECT_NE(ownProcessText().find("Max open files"), std::string::npos);
  EXPECT_NE(machineText().find("MemTotal"), std::string::npos);
}

TEST(BundleSystem, AProcessThatIsNoneOfOursIsLeftAlone) {
  EXPECT_NE(processText(1).error().find("runs elsewhere"), std::string::npos);
  EXPECT_NE(processText(999'999'999).error().find("there is no process"), std::string::npos);
}

const File* fileIn(const Bundle& bundle, const std::string& name) {
  const auto found = std::ranges::find(bundle.files, name, &File::name);
  return found == bundle.files.end() ? nullptr : &*found;
}

TEST(Bundle, APageThatFailsStopsNothing) {
  Bundle bundle;
  addSidecar(
      bundle,
      [](const std::string& path) -> std::expected<std::string, std::string> {
        if (path == "/api/live") return std::unexpected("it refuses");
        if (path == "/api/decisions") return "no JSON";
        return path == "/metrics" ? "outrigger_draining 0\n" : "{\"path\": 1}";
      },
      false);
  addManifest(bundle, kWhen);
  for (const char* name : {"status.json", "upstreams.json", "config_effective.json", "config_history.json"}) {
    EXPECT_NE(fileIn(bundle, name), nullptr) << name;
  }
  EXPECT_EQ(fileIn(bundle, "metrics.txt")->contents, "outrigger_draining 0\n");
  EXPECT_EQ(fileIn(bundle, "live.json"), nullptr);
  EXPECT_EQ(bundle.files.front().name, "MANIFEST.md");
  const std::string problems = fileIn(bundle, "problems.txt")->contents;
  EXPECT_NE(problems.find("live.json: it refuses\n"), std::string::npos) << problems;
  EXPECT_NE(problems.find("decisions.json: what the sidecar gives as /api/decisions is no JSON\n"), std::string::npos)
      << problems;
}

TEST(Bundle, WhereNobodyAnswersFewAreAsked) {
  Bundle bundle;
  size_t asked = 0;
  addSidecar(
      bundle,
      [&asked](const std::string&) -> std::expected<std::string, std::string> {
        ++asked;
        return std::unexpected("no sidecar answers");
      },
      true);
  EXPECT_EQ(asked, 2U);
  EXPECT_EQ(bundle.problems.size(), 8U) << "seven pages and the process";
}

TEST(Bundle, IsNamedByItsTime) {
  EXPECT_EQ(nameAt(kWhen), "outrigger-bundle-20260131-120000");
  Bundle bundle;
  addHere(bundle);
  addManifest(bundle, kWhen);
  const std::string manifest = fileIn(bundle, "MANIFEST.md")->contents;
  EXPECT_NE(manifest.find("2026-01-31T12:00:00"), std::string::npos) << manifest;
  EXPECT_NE(manifest.find("`machine.txt`"), std::string::npos) << manifest;
  EXPECT_NE(manifest.find("What is left out"), std::string::npos) << manifest;
  EXPECT_TRUE(packed(bundle, kWhen).starts_with("\x1f\x8b"));
}

}  // namespace
}  // namespace outrigger::control::bundle
