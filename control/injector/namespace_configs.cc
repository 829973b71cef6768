#include "control/injector/namespace_configs.h"

namespace outrigger::control::injector {

void NamespaceConfigs::ask(const std::string& nameSpace, ApiServer::GiveConfig give) {
  if (apiServer_ == nullptr) return give(std::unexpected("no API server is known"));
  forgetOld();
  Entry& entry = entries_[nameSpace];
  if (entry.known) return give(entry.text);
  entry.waiting.push_back(std::move(give));
  if (entry.question == nullptr) begin(nameSpace, entry);
}

void NamespaceConfigs::begin(const std::string& nameSpace, Entry& entry) {
  entry.until = turn_.now + kPatience;
  if (!timer_.armed()) turn_.timers.arm(timer_, entry.until);
  entry.question = apiServer_->readConfig(
      nameSpace, [this, nameSpace](ApiServer::ConfigText text) { answer(nameSpace, std::move(text)); });
}

void NamespaceConfigs::answer(const std::string& nameSpace, ApiServer::ConfigText text) {
  Entry& entry = entries_[nameSpace];
  entry.known = true;
  entry.until = turn_.now + (text ? kKept : kFailureKept);
  entry.text = std::move(text);
  if (entry.question != nullptr) turn_.graveyard.bury(std::move(entry.question));
  const auto waiting = std::exchange(entry.waiting, {});
  const ApiServer::ConfigText answer = entry.text;  // who is answered may ask again
  for (const auto& give : waiting) give(answer);
}

void NamespaceConfigs::forgetOld() {
  const bool crowded = entries_.size() >= kMostNamespaces;
  std::erase_if(entries_,
                [&](const auto& item) { return item.second.known && (crowded || item.second.until <= turn_.now); });
}

void NamespaceConfigs::onTimer() {
  std::vector<std::string> late;
  Instant next = kNever;
  for (const auto& [nameSpace, entry] : entries_) {
    if (entry.known) continue;
    if (entry.until <= turn_.now) {
      late.push_back(nameSpace);
    } else {
      next = std::min(next, entry.until);
    }
  }
  if (next != kNever) turn_.timers.arm(timer_, next);
  for (const std::string& nameSpace : late) answer(nameSpace, std::unexpected("the API server did not answer in time"));
}

}  // namespace outrigger::control::injector
