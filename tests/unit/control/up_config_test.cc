#include "control/cli/up_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/config_file.h"

namespace outrigger::control::cli {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const config::Model> loaded(const std::string& text) {
  const auto result = config::load(text, "up.yaml", [](Bytes) { return std::nullopt; }, {});
  EXPECT_TRUE(result.diagnostics.empty()) << renderAll(result.diagnostics);
  return result.model;
}

TEST(UpConfig, MakesAFileThatLoads) {
  const auto text = upConfig({.app = "8080",
                              .to = {"payments=http://localhost:9000", "payments=http://127.0.0.1:9001/",
                                     "api=https://api.example", "db=tcp://10.0.0.7:5432", "v6=http://[::1]:80"}},
                             "/ca.crt");
  ASSERT_TRUE(text) << text.error();
  const auto model = loaded(*text);
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->app->address, Address::loopback(8080));
  ASSERT_EQ(model->upstreams.size(), 4U);
  EXPECT_EQ(model->upstreams[0].endpoints[0].address, Address::loopback(9000));
  EXPECT_EQ(model->upstreams[0].endpoints[1].address, Address::loopback(9001));
  EXPECT_EQ(model->upstreams[1].dns, (config::DnsModel{"api.example", 443}));
  EXPECT_EQ(model->upstreams[1].tls->serverName, "api.example");
  EXPECT_EQ(model->upstreams[2].protocol, Protocol::Tcp);
  EXPECT_EQ(model->upstreams[2].listen, Address::loopback(15432));
  EXPECT_FALSE(model->admin.actions);
}

TEST(UpConfig, TakesAnAddressForTheApp) {
  const auto text = upConfig({.app = "unix:/run/app.sock", .to = {}, .actions = true}, "");
  ASSERT_TRUE(text);
  const auto model = loaded(*text);
  EXPECT_EQ(model->app->address, Address::unixPath("/run/app.sock"));
  EXPECT_TRUE(model->admin.actions);
}

TEST(UpConfig, SaysWhatIsWrong) {
  struct Row {
    const char* app;
    std::vector<std::string> to;
    const char* says;
  };
  const Row rows[] = {
      {"app", {}, "--app app: write a port"},
      {"70000", {}, "--app 70000: write a port"},
      {"", {"http://x:1"}, "names no upstream"},
      {"", {"a b=http://x:1"}, "cannot be an upstream's name"},
      {"", {"=http://x:1"}, "names no upstream"},
      {"", {"a=ftp://x:1"}, "the scheme `ftp` is not known"},
      {"", {"a=http://x:1/path"}, "an upstream has no path"},
      {"", {"a=http://x:0"}, "is no HOST:PORT"},
      {"", {"a=tcp://x"}, "is no HOST:PORT"},
      {"", {"a=http://x y:1"}, "is no HOST:PORT"},
      {"", {"a=http://x:1\nb: c"}, "is no HOST:PORT"},
      {"", {"a=https://x"}, "no bundle of authorities"},
      {"", {"a=http://127.0.0.1:1", "a=tcp://127.0.0.1:2"}, "with the same scheme"},
      {"", {"a=http://one:1", "a=http://two:1"}, "several endpoints of one upstream are IP addresses"},
  };
  for (const Row& row : rows) {
    const auto text = upConfig({.app = row.app, .to = row.to}, "");
    ASSERT_FALSE(text) << row.says;
    EXPECT_THAT(text.error(), HasSubstr(row.says));
  }
}

}  // namespace
}  // namespace outrigger::control::cli
