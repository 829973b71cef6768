// The API server's question about a pod, and our answer: AdmissionReview of admission.k8s.io/v1. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "control/inject/pod.h"

namespace outrigger::control::injector {

using inject::Json;

/// What a review asks about.
struct Review {
  std::string uid;
  std::string nameSpace;
  bool isNewPod = false;  ///< else there is nothing to do
  bool dryRun = false;    ///< nothing may be changed but the answer: no Event
  Json pod;
};

/// The error is a sentence: what is no AdmissionReview.
std::expected<Review, std::string> readReview(const std::string& body);

struct Verdict {
  bool allowed = true;
  std::string refusal{};  ///< for whoever made the pod; only if it is not allowed
  Json patch = Json::array();
  std::vector<std::string> warnings{};
};

/// The body of the answer.
std::string renderReview(const std::string& uid, const Verdict& verdict);

}  // namespace outrigger::control::injector
