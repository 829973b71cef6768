// `outrigger injector`: the webhook as the API server calls it, over HTTPS.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/certificates.h"
#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using nlohmann::json;
using real::Outcome;
using real::runToEnd;
using test::TestAuthority;

constexpr const char* kHost = "outrigger-injector.mesh.svc";

std::string fromBase64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string octets;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6U | static_cast<unsigned>(digits.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count & 0xFFU);
  }
  return octets;
}

json reviewOf(const json& spec) {
  const json pod{{"kind", "Pod"}, {"metadata", {{"generateName", "cart-"}}}, {"spec", spec}};
  return {{"apiVersion", "admission.k8s.io/v1"},
          {"kind", "AdmissionReview"},
          {"request",
           {{"uid", "7f1c"},
            {"kind", {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}}},
            {"namespace", "shop"},
            {"operation", "CREATE"},
            {"object", pod}}}};
}

const json kSpec{{"containers", {{{"name", "cart"}, {"ports", {{{"containerPort", 8080}}}}}}}};

class Injector : public ::testing::Test {
 protected:
  /// `environment`: NAME=VALUE.
  void start(const std::string& more = "", const std::vector<std::string>& environment = {}) {
    certify(authority_);
    configure(more);
    std::vector<std::string> command{"env", "-u", "KUBERNETES_SERVICE_HOST"};
    command.insert(command.end(), environment.begin(), environment.end());
    command.insert(command.end(),
                   {OUTRIGGER_BINARY, "injector", "--config", config_, "--service-account", folder_.path()});
    process_.emplace(command);
    ASSERT_TRUE(process_->waitForOutput([](const std::string&, const std::string& err) {
      return err.find("\"event\":\"started\"") != std::string::npos;
    })) << process_->err();
  }

  void certify(const TestAuthority& authority) {
    const TlsMaterial leaf = authority.leaf({.names = {std::string("DNS:") + kHost}});
    real::writeFile(folder_ / "tls.crt", leaf.certificate);
    real::writeFile(folder_ / "tls.key", leaf.key);
    real::writeFile(folder_ / "ca.crt", leaf.trust);
  }

  void configure(const std::string& more) {
    real::writeFile(config_,
                    "version: 1\nlisten: {webhook: \"127.0.0.1:0\", telemetry: \"127.0.0.1:0\"}\ncertificate: {cert: " +
                        (folder_ / "tls.crt").string() + ", key: " + (folder_ / "tls.key").string() + "}\n" + more);
  }

  uint16_t port(const std::string& listener) const {
    const std::string err = process_->err();
    const size_t at = err.find("\"listener\":\"" + listener + "\"");
    const size_t colon = err.find("127.0.0.1:", at);
    return static_cast<uint16_t>(std::stoi(err.substr(colon + 10)));
  }

  Outcome curl(const std::string& path, std::vector<std::string> more = {}) const {
    const std::string at = kHost + (":" + std::to_string(port("webhook")));
    more.insert(more.begin(), {"curl", "-sS", "--max-time", "60", "--noproxy", "*", "--cacert", folder_ / "ca.crt",
                               "--resolve", at + ":127.0.0.1"});
    more.push_back("https://" + at + path);
    return runToEnd(more);
  }

  Outcome post(const std::string& body, std::vector<std::string> more = {}) {
    real::writeFile(folder_ / "body", body);
    more.insert(more.end(),
                {"-H", "Content-Type: application/json", "--data-binary", "@" + (folder_ / "body").string()});
    return curl("/inject", std::move(more));
  }

  json review(const json& spec) {
    const Outcome outcome = post(reviewOf(spec).dump());
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    return json::parse(outcome.out).at("response");
  }

  std::string telemetry(const std::string& path) const {
    return runToEnd({"curl", "-sS", "--noproxy", "*", "http://127.0.0.1:" + std::to_string(port("telemetry")) + path})
        .out;
  }

  const TestAuthority authority_;
  real::TemporaryFolder folder_;
  const std::string config_ = folder_ / "injector.yaml";
  std::optional<real::Process> process_;
};

TEST_F(Injector, PatchesAPod) {
  start();
  const json response = review(kSpec);
  EXPECT_EQ(response.at("uid"), "7f1c");
  EXPECT_EQ(response.at("allowed"), true);
  EXPECT_EQ(response.at("patchType"), "JSONPatch");
  const json pod = reviewOf(kSpec)["request"]["object"].patch(json::parse(fromBase64(response.at("patch"))));
  EXPECT_EQ(pod.at("spec").at("initContainers").at(0).at("name"), "outrigger");
  EXPECT_NE(response.at("warnings").at(0).get<std::string>().find("no API server"), std::string::npos) << response;
}

TEST_F(Injector, SpeaksHttp2AsTheApiServerDoes) {
  start();
  const Outcome outcome = post(reviewOf(kSpec).dump(), {"--http2", "-w", "\n%{http_version} %{http_code}"});
  EXPECT_TRUE(outcome.out.ends_with("\n2 200")) << outcome.out << outcome.err;
}

TEST_F(Injector, SaysWhyAPodGetsNone) {
  start();
  json spec = kSpec;
  spec["hostNetwork"] = true;
  const json response = review(spec);
  EXPECT_EQ(response.at("allowed"), true);
  EXPECT_FALSE(response.contains("patch"));
  EXPECT_NE(response.at("warnings").at(0).get<std::string>().find("host's network"), std::string::npos) << response;
  EXPECT_NE(telemetry("/metrics").find("outrigger_injections_total{result=\"refused\"} 1\n"), std::string::npos);
}

TEST_F(Injector, RefusesWhatIsNoReview) {
  start();
  const std::vector<std::string> code{"-o", folder_ / "out", "-w", "%{http_code}"};
  EXPECT_EQ(post("nonsense", code).out, "400");
  EXPECT_EQ(post("{\"kind\": \"AdmissionReview\", \"apiVersion\": \"admission.k8s.io/v1beta1\"}", code).out, "400");
  std::vector<std::string> http1 =
      code;  // curl 7.88 takes an answer before the end of an upload for an error in HTTP/2
  http1.push_back("--http1.1");
  EXPECT_EQ(post(std::string(3 * 1024 * 1024 + 1, 'x'), http1).out, "413");
  EXPECT_EQ(curl("/inject", code).out, "405");
  EXPECT_EQ(curl("/other", code).out, "404");
  const std::string plain = "http://127.0.0.1:" + std::to_string(port("webhook")) + "/inject";
  EXPECT_NE(runToEnd({"curl", "-sS", "--noproxy", "*", plain}).exitCode, 0) << "it is TLS or nothing";
}

TEST_F(Injector, TakesBodiesUpToTheirMost) {
  start();
  json big = reviewOf(kSpec);
  big["request"]["object"]["metadata"]["annotations"]["note"] = std::string(3 * 1024 * 1024 - 2000, 'x');
  EXPECT_EQ(json::parse(post(big.dump()).out).at("response").at("allowed"), true);
}

TEST_F(Injector, FollowsItsCertificate) {
  start();
  const std::string before = telemetry("/metrics");
  const TestAuthority other;
  const TlsMaterial leaf = other.leaf({.names = {std::string("DNS:") + kHost}, .days = 3});
  real::writeFile(folder_ / "tls.key", leaf.key);
  real::writeFile(folder_ / "tls.crt", leaf.certificate);
  real::writeFile(folder_ / "ca.crt", leaf.trust);
  EXPECT_TRUE(real::waitUntil([&] { return post(reviewOf(kSpec).dump()).exitCode == 0; })) << process_->err();
  const auto expiry = [](const std::string& metrics) {
    const std::string name = "outrigger_certificate_expiry_timestamp_seconds{name=\"webhook\"} ";
    return std::stod(metrics.substr(metrics.find(name) + name.size()));
  };
  EXPECT_LT(expiry(telemetry("/metrics")), expiry(before));
}

TEST_F(Injector, FollowsItsConfigAndKeepsTheLastGoodOne) {
  start("sidecar: {image: first}\n");
  configure("sidecar: {image: second}\n");
  const auto image = [this] {
    const json steps = json::parse(fromBase64(review(kSpec).at("patch")));
    for (const json& step : steps) {
      if (step.at("path") == "/spec/initContainers") return step.at("value").at(0).at("image").get<std::string>();
    }
    return std::string();
  };
  EXPECT_TRUE(real::waitUntil([&] { return image() == "second"; }));
  configure("sidecar: {imag: third}\n");
  EXPECT_TRUE(real::waitUntil(
      [&] { return telemetry("/metrics").find("outrigger_config_last_reload_successful 0\n") != std::string::npos; }));
  EXPECT_EQ(image(), "second");
  EXPECT_NE(process_->err().find("OR120"), std::string::npos);
}

TEST_F(Injector, ABadConfigIsFatalAtTheStart) {
  certify(authority_);
  configure("sidecr: {}\nconfig: {workrs: 1}\n");
  const Outcome outcome = runToEnd({OUTRIGGER_BINARY, "injector", "--config", config_});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find(config_ + ":4:1 OR120"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(config_ + ":5:10 OR120"), std::string::npos) << outcome.err;
}

TEST_F(Injector, DrainsAndEnds) {
  start();
  EXPECT_NE(telemetry("/ready").find("[]"), std::string::npos) << telemetry("/ready");
  process_->signal(SIGTERM);
  EXPECT_TRUE(real::waitUntil([&] { return telemetry("/ready").find("draining") != std::string::npos; }));
  EXPECT_EQ(post(reviewOf(kSpec).dump()).exitCode, 0) << "who has not heard of it yet is served";
  EXPECT_EQ(process_->wait(), 0);
}

class InjectorWithApi : public Injector {
 protected:
  void SetUp() override {
    const TlsMaterial leaf = authority_.leaf({.names = {"IP:127.0.0.1"}});
    real::writeFile(folder_ / "api.crt", leaf.certificate);
    real::writeFile(folder_ / "api.key", leaf.key);
    real::writeFile(folder_ / "token", "first\n");
    api_.emplace(std::vector<std::string>{"python3", script(), folder_.path()});
    ASSERT_TRUE(api_->waitForOutput([](const std::string& out, const std::string&) { return out.ends_with("\n"); }));
    const std::string port = api_->out().substr(std::string("listening ").size());
    start("", {"KUBERNETES_SERVICE_HOST=127.0.0.1", "KUBERNETES_SERVICE_PORT=" + port.substr(0, port.find('\n'))});
  }
  static std::string script() { return std::filesystem::path(__FILE__).parent_path() / "api_server.py"; }

  std::optional<real::Process> api_;
};

TEST_F(InjectorWithApi, TheNamespacesConfigIsLookedAt) {
  const json response = review(kSpec);
  EXPECT_TRUE(response.contains("patch"));
  EXPECT_FALSE(response.contains("warnings")) << response;
  real::writeFile(folder_ / "shop.yaml", "version: 1\nworkrs: 2\n");
  json refused;
  EXPECT_TRUE(real::waitUntil([&] { return (refused = review(kSpec)).at("allowed") == false; }));
  EXPECT_NE(
      refused.at("status").at("message").get<std::string>().find("ConfigMap shop/outrigger outrigger.yaml:2:1 OR120"),
      std::string::npos)
      << refused;
}

TEST_F(InjectorWithApi, WhyAPodGetsNoneIsAnEvent) {
  json spec = kSpec;
  spec["hostNetwork"] = true;
  review(spec);
  review(spec);
  ASSERT_TRUE(real::waitUntil([&] { return std::filesystem::exists(folder_ / "events"); }));
  const json event = json::parse(real::readFile(folder_ / "events"));  // one
  EXPECT_EQ(event.at("path"), "/api/v1/namespaces/shop/events");
  EXPECT_EQ(event.at("reason"), "OutriggerNotInjected");
  EXPECT_EQ(event.at("involvedObject").at("kind"), "Namespace");
  EXPECT_NE(event.at("message").get<std::string>().find("host's network"), std::string::npos);
}

TEST_F(InjectorWithApi, ANewTokenIsTaken) {
  review(kSpec);
  real::writeFile(folder_ / "token", "second\n");
  EXPECT_TRUE(real::waitUntil([&] { return !review(kSpec).contains("warnings"); }));
}

TEST_F(InjectorWithApi, WithoutItPodsGetTheirSidecarAndAWarning) {
  api_->signal(SIGKILL);
  api_->wait();
  json response;
  EXPECT_TRUE(real::waitUntil([&] { return (response = review(kSpec)).contains("warnings"); }));
  EXPECT_TRUE(response.contains("patch"));
}

}  // namespace
}  // namespace outrigger::e2e
