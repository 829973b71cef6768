#include "control/discovery/kubernetes_source.h"

#include <algorithm>
#include <array>

#include "control/percent.h"

namespace outrigger::control::discovery {
namespace {

constexpr uint16_t kOk = 200;
constexpr uint16_t kUnauthorized = 401;
constexpr uint16_t kForbidden = 403;
constexpr uint16_t kGone = 410;
constexpr uint16_t kTooMany = 429;

// A page has so many slices, of 100 endpoints each as a rule: what is held at a time stays within a few MiB.
constexpr const char* kPageSize = "50";
constexpr size_t kLongestPage = 16 * 1024 * 1024;
constexpr size_t kLongestLine = 4 * 1024 * 1024;
constexpr size_t kLongestRefusal = 64 * 1024;

// A watch ends after a while, so that watches spread over the servers there are.
constexpr Duration kShortestWatch = 300s;
constexpr Duration kLongestWatch = 600s;
// A bookmark comes each minute or so; where nothing at all comes the connection may be dead, and nobody has told us.
constexpr outcall::Times kWatchTimes{.connect = 5s, .head = 15s, .idle = 90s};
constexpr outcall::Times kListTimes{.connect = 5s, .head = 15s, .idle = 15s};

// A watch that has ended is begun again at once, or nearly: those who were cut together should not return together. A
// server that is in trouble is given time.
constexpr Duration kQuick = 25ms;
constexpr uint32_t kQuickTries = 3;
constexpr Duration kSlow = 500ms;
constexpr Duration kSlowest = 30s;
// A watch that has stood for so long was none that fails at once.
constexpr Duration kSteady = 5s;

Duration doubled(Duration base, uint32_t doublings) {
  for (; doublings > 0 && base < kSlowest; --doublings) base *= 2;
  return std::min(base, kSlowest);
}

}  // namespace

KubernetesSource::KubernetesSource(outcall::Client& api, std::string upstream, KubernetesService service,
                                   SourceEvents& events)
    : api_(api), turn_(api.turn()), upstream_(std::move(upstream)), service_(std::move(service)), events_(events) {
  turn_.timers.arm(askTimer_, turn_.now);
}

// ---- Asking

void KubernetesSource::ask() {
  status_ = 0;
  text_.clear();
  outcall::Request request{.target = target(), .fields = {{"accept", "application/json"}}};
  outcall::AnswerSink& self = *this;
  call_ = api_.call(std::move(request), phase_ == Phase::Watching ? kWatchTimes : kListTimes, self);
}

std::string KubernetesSource::target() const {
  const std::string all = "/apis/discovery.k8s.io/v1/namespaces/" + percentEncoded(service_.nameSpace) +
                          "/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D" +
                          percentEncoded(service_.name);
  if (phase_ == Phase::Listing) {
    return all + "&limit=" + kPageSize + (next_.empty() ? "" : "&continue=" + percentEncoded(next_));
  }
  const Duration time = turn_.rng.between(kShortestWatch, kLongestWatch);
  return all + "&watch=true&allowWatchBookmarks=true&resourceVersion=" + percentEncoded(slices_.version()) +
         "&timeoutSeconds=" + std::to_string(time / 1s);
}

// In a turn of its own, when the connection of the call that has just ended is free.
void KubernetesSource::askNow() {
  status_ = 0;
  turn_.timers.arm(askTimer_, turn_.now);
}

void KubernetesSource::askLater(Phase phase, Strain strain) {
  if (steady()) failures_ = 0;
  call_.reset();
  phase_ = phase;
  status_ = 0;
  if (phase == Phase::Listing) {
    pages_.clear();
    next_.clear();
  }
  const uint32_t before = failures_++;
  Duration least{};
  Duration most{};
  if (strain == Strain::Server) {
    most = doubled(kSlow, before);
    least = most / 2;
  } else {
    most = doubled(kQuick, before < kQuickTries ? 0 : before - kQuickTries + 1);
  }
  turn_.timers.arm(askTimer_, turn_.now + turn_.rng.between(least, most));
}

// ---- Hearing

void KubernetesSource::onHead(const http::ResponseHead& head) {
  status_ = head.status;
  if (status_ != kOk || phase_ == Phase::Listing) return;
  watchingSince_ = turn_.now;
  confirm();
}

void KubernetesSource::onBody(Bytes data) {
  if (watching()) return readLines(data);
  if (status_ != kOk) {
    text_.append(data.substr(0, kLongestRefusal - std::min(kLongestRefusal, text_.size())));
    return;
  }
  text_.append(data);
  if (text_.size() <= kLongestPage) return;
  trouble("the list of EndpointSlices is too long");
  askLater(Phase::Listing, Strain::Server);
}

void KubernetesSource::onEnd() {
  if (status_ != kOk) return onRefused();
  if (phase_ == Phase::Listing) return readPage();
  askLater(Phase::Watching, Strain::None);
}

// A watch that was cut has lost nothing: the next one begins where it ended, in the middle of a line or not.
void KubernetesSource::onFailed(const std::string& why) {
  if (watching() && (steady() || failures_ < kQuickTries)) return askLater(Phase::Watching, Strain::None);
  trouble("the API server at " + why);
  askLater(phase_, Strain::Server);
}

void KubernetesSource::onRefused() {
  if (status_ == kGone) return askLater(Phase::Listing, Strain::None);  // forgotten: the list tells all
  const std::string said = statusMessage(text_);
  std::string why = "the API server at " + api_.peer().authority() + " answers " + std::to_string(status_);
  if (!said.empty()) why += ": " + said;
  if (status_ == kForbidden) {
    why +=
        " (the pod's service account needs `list` and `watch` on `endpointslices` of the API group `discovery.k8s.io`" +
        std::string(" in the namespace `") + service_.nameSpace + "`)";
  }
  trouble(why);
  // What says nothing of the version that we watch from: it may still be good.
  const bool versionStands = status_ == kUnauthorized || status_ == kForbidden || status_ == kTooMany;
  askLater(versionStands ? phase_ : Phase::Listing, Strain::Server);
}

bool KubernetesSource::steady() const {
  return watching() && turn_.now - watchingSince_ >= kSteady;
}

void KubernetesSource::readPage() {
  auto page = readSlicePage(text_, service_.port);
  text_ = {};
  if (!page) {
    trouble("the API server's list of EndpointSlices makes no sense: " + page.error());
    return askLater(Phase::Listing, Strain::Server);
  }
  std::ranges::move(page->slices, std::back_inserter(pages_));
  next_ = page->next;
  if (!next_.empty()) return askNow();
  slices_.replace(std::exchange(pages_, {}), page->version);
  publish();
  confirm();
  phase_ = Phase::Watching;
  askNow();
}

void KubernetesSource::readLines(Bytes data) {
  heard_ = false;
  while (!data.empty()) {
    const size_t end = data.find('\n');
    text_.append(data.substr(0, end));
    if (text_.size() > kLongestLine) {
      trouble("a line of the watch is too long");
      return askLater(Phase::Listing, Strain::Server);
    }
    if (end == Bytes::npos) break;
    data.remove_prefix(end + 1);
    const std::string line = std::exchange(text_, {});
    if (line.find_first_not_of(" \r\t") != std::string::npos && !readLine(line)) return;
  }
  tell();
}

// False: the watch is over.
bool KubernetesSource::readLine(Bytes line) {
  using Kind = SliceEvent::Kind;
  const auto event = readSliceEvent(line, service_.port);
  if (event && event->kind != Kind::Expired && event->kind != Kind::Failed) {
    failures_ = 0;
    heard_ |= slices_.apply(*event);
    return true;
  }
  tell();  // what was good before it
  if (event && event->kind == Kind::Expired) {
    askLater(Phase::Listing, Strain::None);
    return false;
  }
  trouble(event ? "the API server has ended the watch: " + event->why
                : "a line of the API server's watch makes no sense: " + event.error());
  askLater(Phase::Listing, Strain::Server);
  return false;
}

// ---- Telling

void KubernetesSource::tell() {
  publish();
  if (std::exchange(heard_, false)) confirm();
}

void KubernetesSource::confirm() {
  inTrouble_ = false;
  events_.onConfirmed(upstream_);
}

void KubernetesSource::trouble(const std::string& why) {
  if (!std::exchange(inTrouble_, true)) events_.onTrouble(upstream_, why);
}

// An empty list is more often a mistake, or a moment between two truths, than the truth.
void KubernetesSource::publish() {
  std::vector<Found> found = slices_.endpoints();
  if (found.empty()) {
    if (!emptyTimer_.armed() && !saidEmpty_) turn_.timers.arm(emptyTimer_, turn_.now + kEmptyHold);
    return;
  }
  emptyTimer_.disarm();
  saidEmpty_ = false;
  if (found == published_) return;
  published_ = found;
  events_.onEndpoints(upstream_, std::move(found));
}

void KubernetesSource::onEmptyTimer() {
  // Whether it still is, is known while a watch has stood long enough to tell what it had to.
  if (!watching() || turn_.now - watchingSince_ < 1s) {
    return turn_.timers.arm(emptyTimer_, turn_.now + 1s);
  }
  saidEmpty_ = true;
  events_.onTrouble(
      upstream_, "no endpoint of " + label() + " for " + std::to_string(kEmptyHold / 1s) + " s: " + slices_.whyNone());
  if (published_.empty()) return;
  published_.clear();
  events_.onEndpoints(upstream_, {});
}

}  // namespace outrigger::control::discovery
