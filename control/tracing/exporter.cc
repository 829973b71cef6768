#include "control/tracing/exporter.h"

#include "proxy/policy/retry.h"

namespace outrigger::control::tracing {
namespace {

constexpr size_t kLongestAnswer = 64 * 1024;

bool mayWorkLater(uint16_t status) {
  return status == 429 || (status >= 502 && status <= 504);
}

outcall::Peer peerOf(const config::TracingModel& tracing) {
  const bool v6 = tracing.host.find(':') != std::string::npos;
  const auto address =
      Address::parse((v6 ? "[" + tracing.host + "]" : tracing.host) + ":" + std::to_string(tracing.port));
  return {.address = address ? *address : Address::named(tracing.host, tracing.port),
          .host = tracing.host,
          .trustFile = tracing.trust};
}

bool sameCollector(const config::TracingModel& one, const config::TracingModel& other) {
  return one.secure == other.secure && one.host == other.host && one.port == other.port && one.path == other.path &&
         one.trust == other.trust;
}

}  // namespace

void Exporter::configure(const std::optional<config::TracingModel>& tracing, Resource resource) {
  resource_ = std::move(resource);
  const bool same = tracing && tracing_ && sameCollector(*tracing, *tracing_);
  tracing_ = tracing;
  if (same) return;
  call_.reset();
  underWay_ = 0;
  client_.reset();
  wait_ = kFirstWait;
  complained_ = false;
  if (!tracing_) return dropAll();
  client_ = std::make_unique<outcall::Client>(turn_, dialer_, peerOf(*tracing_));
  if (!queue_.empty()) turn_.timers.arm(timer_, turn_.now + kLinger);
}

void Exporter::take(std::vector<server::TracedRequest> requests) {
  for (server::TracedRequest& request : requests) {
    const size_t spans = request.spans();
    if (client_ == nullptr || queued_ + spans > kMostQueued) {
      counts_.dropped += spans;
      continue;
    }
    queued_ += spans;
    queue_.push_back(std::move(request));
  }
  if (call_ != nullptr || queue_.empty()) return;
  // While the collector is away, the timer stands for the time of the next try.
  if (!timer_.armed()) return turn_.timers.arm(timer_, turn_.now + kLinger);
  if (queued_ >= kMostAtOnce && wait_ == kFirstWait) turn_.timers.arm(timer_, turn_.now);
}

void Exporter::flush(std::move_only_function<void()> done) {
  flushed_ = std::move(done);
  if (queue_.empty()) return flushed();
  if (complained_) return giveUpFlush();  // the collector is away
  if (call_ == nullptr) turn_.timers.arm(timer_, turn_.now);
}

void Exporter::giveUpFlush() {
  call_.reset();
  underWay_ = 0;
  dropAll();
  flushed();
}

void Exporter::flushed() {
  if (flushed_) std::exchange(flushed_, nullptr)();
}

void Exporter::onDue() {
  if (call_ == nullptr && client_ != nullptr && !queue_.empty()) send();
}

void Exporter::send() {
  size_t spans = 0;
  underWay_ = 0;
  std::vector<server::TracedRequest> batch;
  for (const server::TracedRequest& request : queue_) {
    spans += request.spans();
    if (underWay_ > 0 && spans > kMostAtOnce) break;
    batch.push_back(request);
    ++underWay_;
  }
  status_ = 0;
  retryAfter_.reset();
  answer_.clear();
  outcall::Request request{.method = http::Method::Post, .target = tracing_->path};
  request.fields = {{"content-type", "application/json"}};
  request.body = otlpJson(resource_, batch);
  outcall::AnswerSink& self = *this;
  call_ = client_->call(std::move(request), {.connect = 5s, .head = 10s, .idle = 10s}, self);
}

// What was under way is done with: `refused` of its spans were not wanted.
void Exporter::settle(uint64_t refused) {
  uint64_t spans = 0;
  for (; underWay_ > 0; --underWay_) {
    spans += queue_.front().spans();
    queue_.pop_front();
  }
  queued_ -= spans;
  refused = std::min(refused, spans);
  counts_.refused += refused;
  counts_.exported += spans - refused;
  wait_ = kFirstWait;
  if (queue_.empty()) return flushed();
  const bool now = flushed_ || queued_ >= kMostAtOnce;
  turn_.timers.arm(timer_, turn_.now + (now ? Duration::zero() : kLinger));
}

void Exporter::again(const std::string& why) {
  underWay_ = 0;
  if (flushed_) return giveUpFlush();
  if (!std::exchange(complained_, true)) log_.warn("spans-not-exported", {{"text", why}});
  const Duration jittered = wait_ / 2 + turn_.rng.between(Duration::zero(), wait_ / 2);
  turn_.timers.arm(timer_,
                   turn_.now + std::min(kLongestWait, std::max(jittered, retryAfter_.value_or(Duration::zero()))));
  wait_ = std::min(wait_ * 2, kLongestWait);
}

void Exporter::dropAll() {
  counts_.dropped += queued_;
  queue_.clear();
  queued_ = 0;
  timer_.disarm();
}

void Exporter::onHead(const http::ResponseHead& head) {
  status_ = head.status;
  const http::Field* after = head.fields.find(http::Header::RetryAfter);
  if (after != nullptr) retryAfter_ = policy::parseRetryAfter(after->value, turn_.wall);
}

void Exporter::onBody(Bytes data) {
  if (answer_.size() + data.size() <= kLongestAnswer) answer_ += data;
}

void Exporter::onEnd() {
  call_.reset();
  if (mayWorkLater(status_)) return again("the collector answers " + std::to_string(status_));
  const bool taken = status_ >= 200 && status_ < 300;
  if (taken) {
    if (std::exchange(complained_, false)) log_.info("spans-exported-again");
    return settle(rejectedSpans(answer_));
  }
  if (!std::exchange(complained_, true)) {
    log_.warn("spans-not-exported", {{"text", "the collector answers " + std::to_string(status_) +
                                                  ": it does not want these spans, and they are dropped"}});
  }
  settle(UINT64_MAX);
}

void Exporter::onFailed(const std::string& why) {
  call_.reset();
  again(why);
}

}  // namespace outrigger::control::tracing
