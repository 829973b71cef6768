// `outrigger inject`: manifests in, manifests out.
#include <gtest/gtest.h>

#include "tests/support/real/world.h"

namespace outrigger::e2e {
namespace {

using real::Outcome;

constexpr const char* kCart =
    "# the shop\n"
    "apiVersion: v1\n"
    "kind: Service\n"
    "metadata: {name: cart}   # stays as it is\n"
    "---\n"
    "apiVersion: apps/v1\n"
    "kind: Deployment\n"
    "metadata: {name: cart, namespace: shop}\n"
    "spec:\n"
    "  template:\n"
    "    metadata: {labels: {app: cart}}\n"
    "    spec:\n"
    "      containers:\n"
    "      - name: cart\n"
    "        image: shop/cart:1.4.2\n"
    "        ports: [{containerPort: 8080}]\n";

class Inject : public ::testing::Test {
 protected:
  Outcome inject(const std::string& manifest, const std::vector<std::string>& more = {}) {
    real::writeFile(folder_ / "in.yaml", manifest);
    std::vector<std::string> arguments{OUTRIGGER_BINARY, "inject", "-f", folder_ / "in.yaml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return real::runToEnd(arguments);
  }

  real::TemporaryFolder folder_;
};

TEST_F(Inject, AWorkloadGetsTheSidecarAndTheRestStaysAsItIs) {
  const Outcome outcome = inject(kCart);
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "Deployment shop/cart: injected: a native sidecar, app port 8080\n");
  EXPECT_TRUE(outcome.out.starts_with("# the shop\napiVersion: v1\nkind: Service\nmetadata: {name: cart}   # stays"));
  EXPECT_NE(outcome.out.find("\n      initContainers:\n      - name: outrigger\n"), std::string::npos) << outcome.out;
}

TEST_F(Inject, DoingItAgainChangesNothing) {
  const std::string once = inject(kCart).out;
  const Outcome twice = inject(once);
  EXPECT_EQ(twice.exitCode, 0) << twice.err;
  EXPECT_EQ(twice.out, once);
}

TEST_F(Inject, JsonIsOneObjectAfterTheOther) {
  const Outcome outcome =
      inject("kind: Pod\nspec: {containers: [{name: a, ports: [{containerPort: 80}]}]}\n", {"-o", "json"});
  const auto pod = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(pod.at("spec").at("initContainers").at(0).at("name"), "outrigger");
}

TEST_F(Inject, WhoAsksAndGetsNoneIsAFinding) {
  const Outcome outcome =
      inject("kind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: true, containers: [{name: a}]}\n");
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_TRUE(outcome.err.starts_with("Pod a: not injected: it uses the host's network")) << outcome.err;
}

TEST_F(Inject, NamespacesAndTheirConfigsInTheFileCount) {
  const Outcome outcome =
      inject(std::string(kCart) +
             "---\n{kind: Namespace, metadata: {name: shop, labels: {outrigger.dev/inject: enabled}}}\n"
             "---\n{kind: ConfigMap, metadata: {name: outrigger, namespace: shop}, data: "
             "{outrigger.yaml: \"version: 1\\nworkrs: 2\\n\"}}\n");
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_NE(outcome.err.find("ConfigMap shop/outrigger outrigger.yaml:2:1 OR120"), std::string::npos) << outcome.err;
  EXPECT_EQ(inject(std::string(kCart) + "---\n{kind: Namespace, metadata: {name: shop}}\n").err,
            "Deployment shop/cart: not injected: neither the pod nor its namespace has the label outrigger.dev/inject: "
            "enabled\n");
}

TEST_F(Inject, TheInjectorsConfigIsReadStrictly) {
  const std::string file = folder_ / "injector.yaml";
  real::writeFile(file, "version: 1\nsidecar: {imag: x}\nconfig:\n  workrs: 2\n");
  const Outcome outcome = inject(kCart, {"--config", file});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find(file + ":2:11 OR120"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("try: image"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(file + ":4:3 OR120"), std::string::npos) << outcome.err;
}

TEST_F(Inject, WhatIsNoYamlIsUnusable) {
  const Outcome outcome = inject("kind: Pod\n---\nkind: {\n");
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_NE(outcome.err.find("in.yaml:4:1 OR101"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace outrigger::e2e
