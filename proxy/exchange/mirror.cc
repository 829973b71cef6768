#include "proxy/exchange/mirror.h"

#include <cassert>

#include "proxy/policy/outcome.h"

namespace outrigger::exchange {

using policy::AttemptEnd;
using policy::AttemptResult;

namespace {

// Where the upstream has no `timeout.request`: nobody would miss a copy that never ends.
constexpr Duration kLongest = 15s;

}  // namespace

class Mirrors::Copy final : private upstream::Waiter, private upstream::ResponseSink {
 public:
  Copy(Mirrors& home, GenerationPin generation, const Mirror& mirror)
      : home_(home),
        arena_(home.turn_.chunks),
        generation_(std::move(generation)),
        cluster_(*generation_->clusters[mirror.cluster]),
        route_(*generation_->routes[mirror.state]) {}
  ~Copy() { withdraw(); }  // before the pin is gone

  void take(const http::RequestHead& head, const RequestBody& body);
  void start();
  void stop();

  /// Where it stands among its home's; kept by its home.
  size_t place = 0;

 private:
  void onLease() override;
  void onRefused(const upstream::Refusal&) override { end(); }
  std::span<const uint32_t> tried() const override { return {}; }
  upstream::RouteState& route() override { return route_; }
  bool unrepeatable() const override { return true; }
  void onEndpointChosen(const upstream::Endpoint&) override {}

  void onInterim(http::ResponseHead&) override {}
  void onResponseHead(http::ResponseHead& head) override;
  void onResponseBody(Bytes) override {}
  void onResponseEnd(http::FieldList) override { end(); }
  void onStreamLost(const Error& error, bool stale) override;
  void onRequestDrained() override {}

  void onTimeOver();
  void observe(const AttemptEnd& end) { lease().observe(end, home_.turn_.now - startedAt_); }
  void end();

  Mirrors& home_;
  Arena arena_;
  GenerationPin generation_;
  upstream::Cluster& cluster_;
  upstream::RouteState& route_;
  http::RequestHead head_;
  http::FieldList trailers_;
  std::span<Bytes> body_;  // in the arena, as what it points to
  Instant startedAt_{};
  Timer<Copy, &Copy::onTimeOver> timer_{*this};
};

void Mirrors::Copy::take(const http::RequestHead& head, const RequestBody& body) {
  head_ = head.copyTo(arena_);
  head_.expectContinue = false;  // all of it is here
  size_t pieces = 0;
  body.forEachKept([&](Bytes) { ++pieces; });
  body_ = arena_.array<Bytes>(pieces);
  pieces = 0;
  body.forEachKept([&](Bytes data) { body_[pieces++] = arena_.copy(data); });
  trailers_ = http::FieldList(arena_);
  for (const http::Field& field : body.trailers()) {
    trailers_.add(field.id, arena_.copy(field.name), arena_.copy(field.value));
  }
}

void Mirrors::Copy::start() {
  startedAt_ = home_.turn_.now;
  const Duration limit = cluster_.settings().policy.timeout.request.value_or(kLongest);
  home_.turn_.timers.arm(timer_, after(startedAt_, limit));
  cluster_.acquire(*this);
}

void Mirrors::Copy::onLease() {
  upstream::UpstreamStream& stream = lease().stream();
  stream.attach(*this);
  stream.sendHead(head_, {});
  for (const Bytes data : body_) stream.sendBody(data);
  stream.sendEnd(trailers_);
}

void Mirrors::Copy::onResponseHead(http::ResponseHead& head) {
  AttemptEnd end;
  end.status = head.status;
  end.result =
      cluster_.settings().policy.failures.statuses.has(head.status) ? AttemptResult::Status : AttemptResult::Ok;
  observe(end);
}

void Mirrors::Copy::onStreamLost(const Error& error, bool stale) {
  AttemptEnd lost;
  lost.result = AttemptResult::Reset;
  lost.reason = error.reason;
  lost.unsent = error.unsent;
  lost.staleConnection = stale;
  observe(lost);
  end();
}

void Mirrors::Copy::onTimeOver() {
  AttemptEnd late;
  late.result = AttemptResult::Timeout;
  late.reason = Reason::RequestTimeout;
  if (lease().hasStream()) observe(late);
  stop();
}

void Mirrors::Copy::stop() {
  if (lease().hasStream()) lease().stream().cancel();
  end();
}

void Mirrors::Copy::end() {
  timer_.disarm();
  withdraw();
  home_.remove(*this);
}

Mirrors::Mirrors(Turn& turn) : turn_(turn) {}

Mirrors::~Mirrors() {
  assert(copies_.empty() && "cut() comes before the end");
}

void Mirrors::send(GenerationPin generation, const Mirror& mirror, const http::RequestHead& head,
                   const RequestBody& body) {
  copies_.push_back(std::make_unique<Copy>(*this, std::move(generation), mirror));
  Copy& copy = *copies_.back();
  copy.place = copies_.size() - 1;
  copy.take(head, body);
  copy.start();
}

void Mirrors::cut() {
  while (!copies_.empty()) copies_.back()->stop();
}

// Callers up the stack may still look at it, and a write may still borrow its texts until the callback has settled.
void Mirrors::remove(Copy& copy) {
  const size_t place = copy.place;
  std::swap(copies_[place], copies_.back());
  copies_[place]->place = place;
  turn_.graveyard.bury(std::move(copies_.back()));
  copies_.pop_back();
}

}  // namespace outrigger::exchange
