#include "control/injector/announcer.h"

#include <algorithm>

namespace outrigger::control::injector {
namespace {

constexpr size_t kLongestMessage = 1000;  // of an Event: 1024

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Subject namespaceOf(const Review& review) {
  return {.apiVersion = "v1", .kind = "Namespace", .name = review.nameSpace, .uid = "", .nameSpace = review.nameSpace};
}

// Who made the pod is who is looked at when a pod misses something.
Subject subjectOf(const Review& review) {
  const Json::json_pointer where("/metadata/ownerReferences");
  if (!review.pod.is_object() || !review.pod.contains(where) || !review.pod.at(where).is_array()) {
    return namespaceOf(review);
  }
  for (const Json& owner : review.pod.at(where)) {
    if (!owner.is_object() || !owner.contains("controller") || owner.at("controller") != true) continue;
    return {text(owner, "apiVersion"), text(owner, "kind"), text(owner, "name"), text(owner, "uid"), review.nameSpace};
  }
  return namespaceOf(review);
}

}  // namespace

bool Announcer::notInjected(const Review& review, const std::string& why) {
  if (apiServer_ == nullptr || review.dryRun || review.nameSpace.empty()) return false;
  const Subject subject = subjectOf(review);
  if (!mayTell(review.nameSpace + "/" + subject.kind + "/" + subject.name + "\n" + why)) return false;
  apiServer_->tell({subject, "OutriggerNotInjected", why.substr(0, kLongestMessage)});
  return true;
}

bool Announcer::mayTell(const std::string& key) {
  const Instant now = turn_.now;
  std::erase_if(told_, [now](const auto& item) { return item.second <= now; });
  if (told_.contains(key) || told_.size() >= kMostKnown) return false;
  const double seconds = std::chrono::duration<double>(now - filledAt_).count();
  tokens_ = std::min(kBurst, tokens_ + seconds * kPerSecond);
  filledAt_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  told_[key] = now + kOnceIn;
  return true;
}

}  // namespace outrigger::control::injector
