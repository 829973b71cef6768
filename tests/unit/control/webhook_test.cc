// The webhook with an API server that does as it is told.
#include "control/injector/webhook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/base64.h"
#include "tests/support/page_visitor.h"

namespace outrigger::control::injector {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::PageVisitor;

class FakeApiServer final : public ApiServer {
 public:
  std::unique_ptr<Question> readConfig(const std::string& nameSpace, GiveConfig give) override {
    asked.push_back(nameSpace);
    waiting = std::move(give);
    return std::make_unique<Question>();
  }
  void tell(const Event& event) override { told.push_back(event); }
  void answer(ConfigText text) { std::exchange(waiting, nullptr)(std::move(text)); }

  std::vector<std::string> asked;
  GiveConfig waiting;
  std::vector<Event> told;
};

const std::string kPodSpec = R"({"containers": [{"name": "cart", "ports": [{"containerPort": 8080}]}]})";
const std::string kHostSpec = R"({"hostNetwork": true, "containers": [{"name": "cart"}]})";
const std::string kOwner =
    R"([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "cart-6c9f", "uid": "u", "controller": true}])";

std::string reviewOf(const std::string& spec, const std::string& owners = "[]", const std::string& operation = "CREATE",
                     bool dryRun = false) {
  return R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "kind": {"group": )"
         R"("", "version": "v1", "kind": "Pod"}, "namespace": "shop", "operation": ")" +
         operation + R"(", "dryRun": )" + (dryRun ? "true" : "false") +
         R"(, "object": {"metadata": {"name": "cart", "ownerReferences": )" + owners + R"(}, "spec": )" + spec + "}}}";
}

class WebhookWorld : public ::testing::Test {
 protected:
  WebhookWorld() { webhook.configure(std::make_shared<const inject::InjectorFile>()); }

  void pass(Duration time) {
    turn.refresh(turn.now + time, turn.wall + time);
    turn.timers.advance(turn.now);
    turn.settle();
    turn.endTurn();
  }
  std::unique_ptr<PageVisitor> ask(const std::string& body) {
    auto visitor = std::make_unique<PageVisitor>(turn, webhook.handler());
    visitor->ask({.method = http::Method::Post, .target = "/inject", .body = body});
    return visitor;
  }
  Json response(const PageVisitor& visitor) { return Json::parse(visitor.body).at("response"); }

  Turn turn{Instant(1000s), WallTime(1'800'000'000s), 1};
  LogWriter writer;
  Log log{writer, false};
  FakeApiServer api;
  Webhook webhook{turn, log, &api};
};

TEST_F(WebhookWorld, ThePodWaitsForItsNamespacesConfig) {
  const auto visitor = ask(reviewOf(kPodSpec));
  EXPECT_FALSE(visitor->ended);
  EXPECT_EQ(api.asked, std::vector<std::string>{"shop"});
  api.answer(std::optional<std::string>());
  ASSERT_TRUE(visitor->ended);
  EXPECT_EQ(response(*visitor).at("patchType"), "JSONPatch");
  EXPECT_FALSE(response(*visitor).contains("warnings"));
}

TEST_F(WebhookWorld, PodsOfOneNamespaceAskOnceAndAgainLater) {
  const auto first = ask(reviewOf(kPodSpec));
  const auto second = ask(reviewOf(kPodSpec));
  api.answer(std::optional<std::string>());
  EXPECT_TRUE(first->ended && second->ended);
  EXPECT_TRUE(ask(reviewOf(kPodSpec))->ended) << "known for a second";
  EXPECT_EQ(api.asked.size(), 1U);
  pass(1s);
  EXPECT_FALSE(ask(reviewOf(kPodSpec))->ended);
  EXPECT_EQ(api.asked.size(), 2U);
}

TEST_F(WebhookWorld, WithoutAnAnswerThePodGetsItsSidecarInTimeAndAWarning) {
  const auto visitor = ask(reviewOf(kPodSpec));
  pass(1400ms);
  EXPECT_FALSE(visitor->ended);
  pass(200ms);
  ASSERT_TRUE(visitor->ended);
  EXPECT_TRUE(response(*visitor).contains("patch"));
  EXPECT_THAT(response(*visitor).at("warnings").at(0), HasSubstr("did not answer in time"));
  EXPECT_TRUE(ask(reviewOf(kPodSpec))->ended) << "the next ones do not wait for it anew";
}

TEST_F(WebhookWorld, ABadConfigForbidsThePodAndTellsItsOwner) {
  const auto visitor = ask(reviewOf(kPodSpec, kOwner));
  api.answer(std::optional<std::string>("version: 1\nworkrs: 2\n"));
  const Json answer = response(*visitor);
  EXPECT_EQ(answer.at("allowed"), false);
  EXPECT_THAT(answer.at("status").at("message"), HasSubstr("ConfigMap shop/outrigger outrigger.yaml:2:1 OR120"));
  ASSERT_EQ(api.told.size(), 1U);
  EXPECT_EQ(api.told[0].about.kind, "ReplicaSet");
  EXPECT_EQ(api.told[0].about.name, "cart-6c9f");
  EXPECT_EQ(webhook.counts().forbidden, 1U);
}

TEST_F(WebhookWorld, WhyAPodGetsNoneIsToldOnceInAWhile) {
  for (int i = 0; i < 3; ++i) {
    const auto visitor = ask(reviewOf(kHostSpec));
    if (api.waiting) api.answer(std::optional<std::string>());
    EXPECT_THAT(response(*visitor).at("warnings").at(0), HasSubstr("host's network"));
  }
  ASSERT_EQ(api.told.size(), 1U);
  EXPECT_EQ(api.told[0].reason, "OutriggerNotInjected");
  EXPECT_EQ(api.told[0].about.kind, "Namespace");
  pass(10min);
  const auto later = ask(reviewOf(kHostSpec));
  api.answer(std::optional<std::string>());
  EXPECT_EQ(api.told.size(), 2U);
}

TEST_F(WebhookWorld, ManyThingsAtATimeAreNotTold) {
  for (int i = 0; i < 50; ++i) {
    const auto visitor = ask(reviewOf(
        kHostSpec, R"([{"kind": "ReplicaSet", "name": "r)" + std::to_string(i) + R"(", "controller": true}])"));
    if (api.waiting) api.answer(std::optional<std::string>());
  }
  EXPECT_EQ(api.told.size(), 10U);
}

TEST_F(WebhookWorld, ADryRunTellsNobody) {
  const auto visitor = ask(reviewOf(kHostSpec, "[]", "CREATE", true));
  api.answer(std::optional<std::string>());
  EXPECT_TRUE(visitor->ended);
  EXPECT_TRUE(api.told.empty());
}

TEST_F(WebhookWorld, WhatIsNoNewPodPasses) {
  const auto visitor = ask(reviewOf(kPodSpec, "[]", "UPDATE"));
  ASSERT_TRUE(visitor->ended);
  EXPECT_EQ(response(*visitor).at("allowed"), true);
  EXPECT_FALSE(response(*visitor).contains("patch"));
  EXPECT_TRUE(api.asked.empty());
}

TEST_F(WebhookWorld, WhatIsNoReviewIsABadRequest) {
  for (const char* body : {"", "x", "[]", "{}", R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"})",
                           R"({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {}})"}) {
    const auto visitor = ask(body);
    EXPECT_EQ(visitor->status, 400) << body;
    EXPECT_THAT(visitor->body, Not(HasSubstr("\"response\""))) << body;
  }
  EXPECT_EQ(ask(std::string(3'000'000, '['))->status, 400);
  EXPECT_EQ(webhook.counts().malformed, 7U);
}

TEST_F(WebhookWorld, SoManyAtOnceAndNoMore) {
  std::vector<std::unique_ptr<PageVisitor>> visitors;
  for (int i = 0; i < 129; ++i) visitors.push_back(ask(reviewOf(kPodSpec)));
  EXPECT_FALSE(visitors[127]->ended);
  EXPECT_EQ(visitors[128]->status, 503);
  api.answer(std::optional<std::string>());
  EXPECT_EQ(visitors[127]->status, 200);
}

TEST(Base64, OfEveryLength) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace outrigger::control::injector
