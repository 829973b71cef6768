#include "control/injector/webhook.h"

namespace outrigger::control::injector {
namespace {

// As logs and messages call a pod that has no name of its own yet.
std::string nameOf(const Review& review) {
  std::string name;
  for (const char* pointer : {"/metadata/name", "/metadata/generateName"}) {
    const Json::json_pointer where(pointer);
    const bool known = name.empty() && review.pod.is_object() && review.pod.contains(where);
    if (known && review.pod.at(where).is_string()) name = review.pod.at(where).get<std::string>();
  }
  return review.nameSpace + "/" + name;
}

}  // namespace

Webhook::Webhook(Turn& turn, Log& log, ApiServer* apiServer)
    : log_(log),
      pages_(turn, {.body = kMostBody, .bodies = kMostOfAll, .visits = kMostAtOnce, .wait = kLongestWait}),
      configs_(turn, apiServer),
      announcer_(turn, apiServer) {
  pages_.add(http::Method::Post, "/inject",
             [this](const PageRequest& request, const GivePage& give) { onReview(request, give); });
}

void Webhook::onReview(const PageRequest& request, const GivePage& give) {
  auto read = readReview(request.body);
  if (!read) {
    ++counts_.malformed;
    return give({.status = 400, .contentType = "text/plain", .body = read.error() + "\n"});
  }
  if (!read->isNewPod) {
    ++counts_.skipped;
    return give({.body = renderReview(read->uid, {})});
  }
  const auto review = std::make_shared<const Review>(std::move(*read));
  configs_.ask(review->nameSpace,
               [this, review, give](const ApiServer::ConfigText& config) { give({.body = answer(*review, config)}); });
}

std::string Webhook::answer(const Review& review, const ApiServer::ConfigText& config) {
  const bool hasConfig = config && *config;
  const inject::Request request{review.pod, review.nameSpace, nullptr, hasConfig ? &**config : nullptr,
                                !config.has_value()};
  auto injection = inject::inject(request, file_->settings);
  if (!injection) return renderReview(review.uid, refuse(review, injection.error()));
  ++counts_.injected;
  Verdict verdict{.patch = std::move(injection->patch), .warnings = std::move(injection->warnings)};
  if (!config) {
    verdict.warnings.push_back("the namespace's config was not looked at, for " + config.error() +
                               "; the sidecar reads it when it starts");
  }
  for (const std::string& warning : verdict.warnings) {
    log_.warn("injected-with-warning", {{"pod", nameOf(review)}, {"text", warning}});
  }
  log_.info("injected", {{"pod", nameOf(review)}, {"text", injection->summary}});
  return renderReview(review.uid, verdict);
}

Verdict Webhook::refuse(const Review& review, const inject::Refusal& refusal) {
  if (refusal.kind == inject::Refusal::Kind::Quiet) {
    ++counts_.skipped;
    return {};
  }
  const bool forbidden = refusal.kind == inject::Refusal::Kind::Forbids;
  ++(forbidden ? counts_.forbidden : counts_.refused);
  const std::string why = forbidden ? "the config of its sidecar is refused:\n" + refusal.why : refusal.why;
  log_.warn("not-injected", {{"pod", nameOf(review)}, {"text", why}});
  announcer_.notInjected(review, "The pod gets no sidecar: " + why);
  if (forbidden) return {.allowed = false, .refusal = "outrigger: " + why};
  return {.warnings = {"outrigger: no sidecar: " + why}};
}

}  // namespace outrigger::control::injector
