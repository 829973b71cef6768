// The mutating webhook: POST /inject, an AdmissionReview in and one out. A pod is always allowed, with or without a
// sidecar, unless its sidecar could not start. The control thread only.
#pragma once

#include <memory>

#include "control/inject/injection.h"
#include "control/inject/settings_file.h"
#include "control/injector/announcer.h"
#include "control/injector/namespace_configs.h"
#include "control/injector/review.h"
#include "control/log.h"
#include "control/page_server.h"

namespace outrigger::control::injector {

/// What became of reviews.
struct WebhookCounts {
  uint64_t injected = 0;
  uint64_t skipped = 0;    ///< nobody asked for a sidecar, or it was there
  uint64_t refused = 0;    ///< asked for and not possible
  uint64_t forbidden = 0;  ///< the pod was not allowed
  uint64_t malformed = 0;  ///< no review at all
};

class Webhook {
 public:
  /// All outlive it; `apiServer` nullptr: there is none.
  Webhook(Turn& turn, Log& log, ApiServer* apiServer);

  /// From the next review on.
  void configure(std::shared_ptr<const inject::InjectorFile> file) { file_ = std::move(file); }

  http::StreamHandler& handler() { return pages_; }
  const WebhookCounts& counts() const { return counts_; }

 private:
  static constexpr size_t kMostBody = 3 * 1024 * 1024;  // the most that the API server takes for one object
  static constexpr size_t kMostOfAll = 16 * 1024 * 1024;
  static constexpr size_t kMostAtOnce = 128;
  static constexpr Duration kLongestWait = 5s;  // as the API server waits

  void onReview(const PageRequest& request, const GivePage& give);
  std::string answer(const Review& review, const ApiServer::ConfigText& config);
  Verdict refuse(const Review& review, const inject::Refusal& refusal);

  Log& log_;
  PageServer pages_;
  NamespaceConfigs configs_;
  Announcer announcer_;
  std::shared_ptr<const inject::InjectorFile> file_;
  WebhookCounts counts_;
};

}  // namespace outrigger::control::injector
