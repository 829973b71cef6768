#include "control/injector/review.h"

#include <array>

#include "config/texts.h"
#include "control/base64.h"

namespace outrigger::control::injector {
namespace {

constexpr const char* kVersion = "admission.k8s.io/v1";

// The API server cuts longer warnings, and drops what is beyond 4096 octets in all.
constexpr size_t kLongestWarning = 250;

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool isPod(const Json& kind) {
  return kind.is_object() && text(kind, "group").empty() && text(kind, "kind") == "Pod";
}

std::string shortened(const std::string& warning) {
  if (warning.size() <= kLongestWarning) return warning;
  size_t end = kLongestWarning - 3;
  while (end > 0 && (static_cast<unsigned char>(warning[end]) & 0xC0U) == 0x80U) --end;  // no character in two
  return warning.substr(0, end) + "...";
}

// Trees are copied level by level on the stack, a member is looked for among all of its map, and an item takes many
// times the memory of its text; a pod has some ten levels and a thousand members.
bool isMonstrous(const std::string& body) {
  constexpr int kMostLevels = 100;
  constexpr int kMostMembers = 10'000;
  constexpr int kMostOfMap = 2'000;
  constexpr int kMostItems = 50'000;
  std::array<int, kMostLevels + 1> ofMap{};  // of each level's open map
  int levels = 0;
  int items = 0;
  int members = 0;
  bool inText = false;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (inText && c == '\\') {
      ++i;
    } else if (c == '"') {
      inText = !inText;
    } else if (!inText && (c == '[' || c == '{')) {
      if (++levels > kMostLevels || ++items > kMostItems) return true;
      ofMap.at(levels) = 0;
    } else if (!inText && (c == ']' || c == '}')) {
      if (--levels < 0) return false;  // it is no JSON, as the parser says better
    } else if (!inText && c == ',') {
      if (++items > kMostItems) return true;
    } else if (!inText && c == ':') {
      if (++members > kMostMembers || ++ofMap.at(levels) > kMostOfMap) return true;
    }
  }
  return false;
}

}  // namespace

std::expected<Review, std::string> readReview(const std::string& body) {
  if (isMonstrous(body)) {
    return std::unexpected("the body has more than 100 levels, 10,000 members (2,000 of one map) or 50,000 items");
  }
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::unexpected("the body is not JSON");
  if (text(json, "kind") != "AdmissionReview" || text(json, "apiVersion") != kVersion) {
    return std::unexpected(std::string("the body is not an AdmissionReview of ") + kVersion);
  }
  const auto request = json.find("request");
  if (request == json.end() || !request->is_object()) return std::unexpected("the review has no request");
  Review review;
  review.uid = text(*request, "uid");
  if (review.uid.empty()) return std::unexpected("the request has no uid");
  review.nameSpace = text(*request, "namespace");
  if (!review.nameSpace.empty() &&
      config::checkDnsLabel(review.nameSpace)) {  // it goes into the paths of our own calls
    return std::unexpected("the request's namespace is no name of Kubernetes");
  }
  const auto kind = request->find("kind");
  const auto object = request->find("object");
  const auto dryRun = request->find("dryRun");
  review.dryRun = dryRun != request->end() && dryRun->is_boolean() && dryRun->get<bool>();
  review.isNewPod = kind != request->end() && isPod(*kind) && text(*request, "operation") == "CREATE" &&
                    text(*request, "subResource").empty();
  if (object != request->end()) review.pod = *object;
  return review;
}

std::string renderReview(const std::string& uid, const Verdict& verdict) {
  Json response = {{"uid", uid}, {"allowed", verdict.allowed}};
  if (!verdict.allowed) response["status"] = {{"code", 422}, {"reason", "Invalid"}, {"message", verdict.refusal}};
  if (!verdict.patch.empty()) {
    response["patchType"] = "JSONPatch";
    response["patch"] = base64(verdict.patch.dump());
  }
  for (const std::string& warning : verdict.warnings) response["warnings"].push_back(shortened(warning));
  const Json review = {{"apiVersion", kVersion}, {"kind", "AdmissionReview"}, {"response", std::move(response)}};
  return review.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace outrigger::control::injector
