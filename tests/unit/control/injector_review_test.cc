// What the webhook takes for a review.
#include <gtest/gtest.h>

#include <chrono>

#include "control/inject/config_judge.h"
#include "control/inject/injection.h"
#include "control/injector/review.h"

namespace outrigger::control {
namespace {

std::string reviewOf(const std::string& nameSpace, const std::string& object = "{}") {
  return R"({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {"uid": "u", "namespace": ")" +
         nameSpace + R"(", "kind": {"kind": "Pod"}, "operation": "CREATE", "object": )" + object + "}}";
}

TEST(InjectorReview, ANamespaceIsANameAndNoPartOfARequest) {
  EXPECT_EQ(injector::readReview(reviewOf("shop"))->nameSpace, "shop");
  for (const char* bad : {"a/../b", "a b", "kube-system/secrets/x?y=", "a\\r\\nb", "A"}) {
    EXPECT_FALSE(injector::readReview(reviewOf(bad))) << bad;
  }
}

// Members are looked for one by one.
TEST(InjectorReview, ABodyOfCountlessMembersIsRefusedAtOnce) {
  std::string labels = "{";
  for (int i = 0; i < 300'000; ++i) labels += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_FALSE(injector::readReview(reviewOf("shop", R"({"metadata": {"labels": )" + labels + "}}}")));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
}

TEST(InjectorReview, OneMapHasFewMembers) {
  const auto withLabels = [](int count) {
    std::string labels = "{";
    for (int i = 0; i < count; ++i) labels += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":\"\"";
    return reviewOf("shop", R"({"metadata": {"annotations": )" + labels + R"(}, "labels": )" + labels + "}}}");
  };
  EXPECT_TRUE(injector::readReview(withLabels(2'000)));
  EXPECT_FALSE(injector::readReview(withLabels(2'001)));
  for (const char* bad : {"]", "}:", "]]]]{\"a\":1}", ":"}) EXPECT_FALSE(injector::readReview(bad)) << bad;
}

// A tree takes a hundred octets for the three of `[],`.
TEST(InjectorReview, ABodyOfCountlessItemsIsRefusedAtOnce) {
  for (const std::string item : {"[],", "0,", "{},"}) {
    std::string items = "[";
    while (items.size() < 3'000'000) items += item;
    items.back() = ']';
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_FALSE(injector::readReview(reviewOf("shop", items))) << item;
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1)) << item;
  }
}

TEST(InjectorReview, TextsCountAsOneHoweverLong) {
  const std::string text(500'000, ',');
  EXPECT_TRUE(injector::readReview(reviewOf("shop", R"({"note": ")" + text + R"([{:\"[{:"})")));
}

TEST(InjectorConfig, WhatComesFromTheEnvironmentHidesNothing) {
  const std::string text =
      "version: 1\n"
      "listen: {telemetry: \"[::]:9102\"}\n"
      "upstreams: {payments: {kubernetes: {service: payments, namespace: \"${POD_NAMESPACE}\", port: \"${PORT}\"}}}\n";
  const inject::ConfigVerdict verdict = inject::judgeConfig("version: 1\napp: {port: 8080}\n", &text, "shop");
  EXPECT_EQ(verdict.errors, "");
  EXPECT_TRUE(verdict.readsKubernetes);
  EXPECT_EQ(verdict.telemetryPort, 9102);
  EXPECT_EQ(verdict.ownPorts, (std::vector<uint16_t>{9102, 15100, 15101, 15106}));
}

// What cannot be looked at may need a token, which a pod cannot be given later.
TEST(InjectorConfig, WhereItIsUnknownThePodGetsAToken) {
  const auto pod = inject::Json::parse(
      R"({"metadata": {"name": "p"}, "spec": {"automountServiceAccountToken": false,
          "containers": [{"name": "a", "image": "a", "ports": [{"containerPort": 8080}]}]}})");
  const auto volumes = [&](bool unknown) {
    const auto injection = inject::inject({pod, "shop", nullptr, nullptr, unknown}, {});
    return injection ? injection->pod["spec"]["volumes"].dump() : injection.error().why;
  };
  EXPECT_EQ(volumes(false).find("serviceAccountToken"), std::string::npos);
  EXPECT_NE(volumes(true).find("serviceAccountToken"), std::string::npos) << volumes(true);
}

TEST(InjectorConfig, ADurationMayComeFromTheEnvironment) {
  const std::string text = "version: 1\nlisten: {telemetry: \"[::]:9102\"}\nshutdown: {grace: \"${GRACE}\"}\n";
  const inject::ConfigVerdict verdict = inject::judgeConfig("version: 1\napp: {port: 8080}\n", &text, "shop");
  EXPECT_EQ(verdict.errors, "");
  EXPECT_EQ(verdict.telemetryPort, 9102);
}

// Else its sidecar would get the ports and mounts of another config.
TEST(InjectorConfig, WhatCannotBeJudgedIsRefused) {
  const std::string text = "version: 1\nlisten: {telemetry: \"${WHERE}\"}\nshutdown: {grace: 25s}\n";
  const inject::ConfigVerdict verdict = inject::judgeConfig("version: 1\napp: {port: 8080}\n", &text, "shop");
  EXPECT_NE(verdict.errors.find("ConfigMap shop/outrigger outrigger.yaml:2:"), std::string::npos) << verdict.errors;
  EXPECT_NE(verdict.errors.find("WHERE"), std::string::npos) << verdict.errors;
}

TEST(InjectorConfig, WhatThePodTellsIsKnown) {
  const std::string text =
      "version: 1\nlisten: {telemetry: \"${POD_IP}:9102\"}\n"
      "upstreams: {payments: {kubernetes: {service: \"${POD_NAME}\", namespace: \"${POD_NAMESPACE}\", port: 1}}}\n";
  const inject::ConfigVerdict verdict = inject::judgeConfig("version: 1\napp: {port: 8080}\n", &text, "shop");
  EXPECT_EQ(verdict.errors, "");
  EXPECT_EQ(verdict.telemetryPort, 9102);
}

TEST(InjectorConfig, TheKubeletMustReachTheTelemetryListener) {
  for (const char* bad : {"none", "unix:/run/t.sock", "127.0.0.1:15190", "\"[::]:0\""}) {
    const std::string text = "version: 1\nlisten: {telemetry: " + std::string(bad) + "}\n";
    const inject::ConfigVerdict verdict = inject::judgeConfig("version: 1\napp: {port: 8080}\n", &text, "shop");
    EXPECT_NE(verdict.errors.find("the kubelet reaches"), std::string::npos) << bad << ": " << verdict.errors;
  }
}

}  // namespace
}  // namespace outrigger::control
