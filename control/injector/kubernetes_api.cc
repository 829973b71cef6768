#include "control/injector/kubernetes_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/inject/names.h"
#include "proxy/base/json_text.h"

namespace outrigger::control::injector {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostAnswer = 4 * 1024 * 1024;  // a ConfigMap has at most 1 MiB, escaped
constexpr outcall::Times kTimes{.connect = 1s, .head = 3s, .idle = 3s};

std::string timeText(WallTime now) {
  std::string text;
  JsonWriter(text).time(now);
  return text.substr(1, text.size() - 2);
}

std::string statusText(uint16_t status, const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  const bool told = json.is_object() && json.contains("message") && json.at("message").is_string();
  return "the API server answers " + std::to_string(status) +
         (told ? ": " + json.at("message").get<std::string>() : "");
}

/// Gathers an answer.
class Answer : protected outcall::AnswerSink {
 protected:
  ~Answer() = default;

  virtual void onAnswer(uint16_t status, const std::string& body) = 0;

  void onHead(const http::ResponseHead& head) override { status_ = head.status; }
  void onBody(Bytes data) override {
    if (body_.size() + data.size() > kMostAnswer) return onFailed("the answer of the API server is too large");
    body_ += data;
  }
  void onEnd() override { onAnswer(status_, body_); }

 private:
  uint16_t status_ = 0;
  std::string body_;
};

}  // namespace

// ---- A namespace's config

class KubernetesApi::Reading final : public Question, private Answer {
 public:
  Reading(outcall::Client& client, const std::string& nameSpace, GiveConfig give) : give_(std::move(give)) {
    outcall::AnswerSink& self = *this;
    const std::string target = "/api/v1/namespaces/" + nameSpace + "/configmaps/" + inject::kConfigMap;
    call_ = client.call({.method = http::Method::Get, .target = target}, kTimes, self);
  }

 private:
  void onAnswer(uint16_t status, const std::string& body) override { answer(configInAnswer(status, body)); }
  void onFailed(const std::string& why) override { answer(std::unexpected(why)); }
  void answer(ConfigText text) {
    if (const GiveConfig give = std::exchange(give_, nullptr)) give(std::move(text));
  }

  GiveConfig give_;
  std::unique_ptr<outcall::Call> call_;
};

std::unique_ptr<Question> KubernetesApi::readConfig(const std::string& nameSpace, GiveConfig give) {
  return std::make_unique<Reading>(client_, nameSpace, std::move(give));
}

ApiServer::ConfigText configInAnswer(uint16_t status, const std::string& body) {
  if (status == 404) return std::optional<std::string>();
  if (status != 200) return std::unexpected(statusText(status, body));
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::unexpected("the answer of the API server is not JSON");
  const Json::json_pointer where(std::string("/data/") + inject::kConfigKey);
  const bool there = json.contains(where) && json.at(where).is_string();
  return there ? std::optional(json.at(where).get<std::string>()) : std::nullopt;
}

// ---- Events

class KubernetesApi::Telling final : private Answer {
 public:
  Telling(KubernetesApi& api, const Event& event) : api_(api) {
    outcall::AnswerSink& self = *this;
    call_ = api.client_.call({.method = http::Method::Post,
                              .target = "/api/v1/namespaces/" + event.about.nameSpace + "/events",
                              .fields = {{"content-type", "application/json"}},
                              .body = eventText(event, api.turn_.wall)},
                             kTimes, self);
  }

 private:
  void onAnswer(uint16_t status, const std::string& body) override {
    if (status >= 300) api_.log_.warn("event-not-written", {{"text", statusText(status, body)}});
    api_.over(*this);
  }
  void onFailed(const std::string& why) override {
    api_.log_.warn("event-not-written", {{"text", why}});
    api_.over(*this);
  }

  KubernetesApi& api_;
  std::unique_ptr<outcall::Call> call_;
};

KubernetesApi::KubernetesApi(Turn& turn, Log& log, outcall::Client& client) : turn_(turn), log_(log), client_(client) {}

KubernetesApi::~KubernetesApi() {
  tellings_.clear();
  turn_.endTurn();  // what was buried refers to the client
}

void KubernetesApi::tell(const Event& event) {
  if (tellings_.size() >= kMostTellings) return;
  tellings_.push_back(std::make_unique<Telling>(*this, event));
}

void KubernetesApi::over(Telling& telling) {
  const auto mine = std::ranges::find(tellings_, &telling, [](const auto& each) { return each.get(); });
  if (mine == tellings_.end()) return;
  turn_.graveyard.bury(std::move(*mine));
  tellings_.erase(mine);
}

std::string eventText(const Event& event, WallTime now) {
  const Subject& about = event.about;
  Json object = {
      {"apiVersion", about.apiVersion}, {"kind", about.kind}, {"name", about.name}, {"namespace", about.nameSpace}};
  if (!about.uid.empty()) object["uid"] = about.uid;
  const Json json = {{"apiVersion", "v1"},
                     {"kind", "Event"},
                     {"metadata", {{"generateName", "outrigger-"}, {"namespace", about.nameSpace}}},
                     {"involvedObject", std::move(object)},
                     {"reason", event.reason},
                     {"message", event.message},
                     {"type", "Warning"},
                     {"source", {{"component", "outrigger-injector"}}},
                     {"firstTimestamp", timeText(now)},
                     {"lastTimestamp", timeText(now)},
                     {"count", 1}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace outrigger::control::injector
