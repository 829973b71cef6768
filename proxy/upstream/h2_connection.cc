#include "proxy/upstream/h2_connection.h"

#include <algorithm>

namespace outrigger::upstream {
namespace {

// A peer that has died without a word is noticed while somebody waits for it.
constexpr Duration kPingAfter = 20s;
constexpr Duration kPingAnswer = 5s;

// As for HTTP/1: lost so soon after an idle time, it was being closed when we wrote to it.
constexpr Duration kStaleWithin = 250ms;

}  // namespace

/// One request on it.
class H2Connection::Stream final : public UpstreamStream, public http::h2::ClientStream {
 public:
  Stream(H2Connection& connection, size_t place, bool wokeIt)
      : place(place), connection_(connection), wokeIt_(wokeIt), leasedAt_(connection.turn_.now) {}

  size_t place;  // among the connection's streams

  void attach(ResponseSink& sink) override { sink_ = &sink; }
  void sendHead(const http::RequestHead& head, std::span<const http::Field> more) override {
    session().open(*this, head, more);
    connection_.settleLater();
  }
  void sendBody(Bytes data) override {
    session().append(*this, data);
    connection_.settleLater();
  }
  void sendEnd(const http::FieldList& trailers) override {
    session().finish(*this, trailers);
    connection_.settleLater();
  }
  size_t queued() const override { return ClientStream::queued(); }
  bool handedOver() const override { return ClientStream::handedOver(); }
  void pause() override { session().pause(*this); }
  void resume() override {
    session().resume(*this);
    connection_.settleLater();
  }
  // RST_STREAM is all that can be said; no answer comes behind it, which the one who still listens must hear.
  void endRequest() override {
    session().cancel(*this);
    ended_ = true;
    connection_.settleLater();
  }
  void cancel() override {
    sink_ = nullptr;
    if (gone_) return;
    session().cancel(*this);
    leave();
  }

  /// The connection is lost before the head was sent.
  void abandon(Error why) {
    why.unsent = true;
    onFailed(why, false);
  }

  /// Tells what endRequest() has put off.
  void tellEnd() {
    if (!ended_ || gone_) return;
    onFailed(upstreamError(Reason::UpstreamReset, "the request was taken back"), true);
  }

 private:
  http::h2::ClientSession& session() { return connection_.session_; }

  void leave() {
    gone_ = true;
    connection_.bury(*this);
  }
  void onInterim(http::ResponseHead& head) override {
    if (sink_ != nullptr) sink_->onInterim(head);
  }
  void onResponseHead(http::ResponseHead& head) override {
    if (sink_ != nullptr) sink_->onResponseHead(head);
  }
  void onBody(Bytes data) override {
    if (sink_ != nullptr) sink_->onResponseBody(data);
  }
  void onResponseEnd(http::FieldList trailers) override {
    leave();
    if (ResponseSink* sink = std::exchange(sink_, nullptr)) sink->onResponseEnd(trailers);
  }
  void onFailed(const Error& why, bool neutral) override {
    const bool stale = wokeIt_ && !headSeen() && connection_.heardAt_ <= leasedAt_ &&
                       why.reason == Reason::UpstreamReset && connection_.turn_.now - leasedAt_ <= kStaleWithin;
    leave();
    if (ResponseSink* sink = std::exchange(sink_, nullptr)) sink->onStreamLost(why, neutral || stale);
  }
  void onDrained() override {
    if (sink_ != nullptr) sink_->onRequestDrained();
  }

  H2Connection& connection_;
  ResponseSink* sink_ = nullptr;
  const bool wokeIt_;  // the connection had been idle, and used before
  bool ended_ = false;
  bool gone_ = false;
  const Instant leasedAt_;
};

H2Connection::H2Connection(Turn& turn, http::h2::Workbench& bench, ConnectionOwner& owner,
                           metrics::UpstreamSeries& series, const H2Terms& terms, std::unique_ptr<Transport> transport,
                           Beginning beginning)
    : turn_(turn),
      owner_(&owner),
      series_(series),
      terms_(terms),
      transport_(std::move(transport)),
      out_(turn, *transport_),
      session_(bench, *this, turn.now, transport_->peer().secure, terms.mostStreams),
      bornAt_(turn.now),
      idleSince_(turn.now),
      busySince_(turn.now),
      heardAt_(turn.now),
      pingedAt_(turn.now) {
  enter(beginning == Beginning::Greeting ? State::Greeting : State::Idle);
  transport_->attach(*this);
  armWatch();
  settleLater();
}

H2Connection::~H2Connection() {
  enter(State::Dead);
}

void H2Connection::enter(State state) {
  const auto gauge = [this](State s) -> metrics::Gauge* {
    if (s == State::Dead) return nullptr;
    return s == State::Busy ? &series_.connectionsActive : &series_.connectionsIdle;
  };
  if (metrics::Gauge* before = gauge(state_)) before->add(-1);
  if (metrics::Gauge* now = gauge(state)) now->add(1);
  state_ = state;
}

uint32_t H2Connection::room() const {
  const bool closed = state_ == State::Dead || state_ == State::Greeting || age() >= terms_.maxAge;
  if (closed || !session_.takesStreams()) return 0;
  const auto leased = static_cast<uint32_t>(streams_.size());  // some may not have sent their heads yet
  return session_.mostStreams() - std::min(session_.mostStreams(), leased);
}

UpstreamStream& H2Connection::lease() {
  const bool first = streams_.empty();
  streams_.push_back(std::make_unique<Stream>(*this, streams_.size(), first && leases_ > 0));
  ++leases_;
  if (first) {
    enter(State::Busy);
    busySince_ = turn_.now;
    armWatch();
  }
  if (room() == 0) UpstreamConnection::unlink();
  return *streams_.back();
}

// Its callbacks may still be on the stack.
void H2Connection::bury(Stream& stream) {
  const size_t place = stream.place;
  std::swap(streams_[place], streams_.back());
  streams_[place]->place = place;
  turn_.graveyard.bury(std::move(streams_.back()));
  streams_.pop_back();
  roomToTell_ = true;
  settleLater();
  if (!streams_.empty() || state_ != State::Busy) return;
  enter(State::Idle);
  idleSince_ = turn_.now;
  pinged_ = false;
  armWatch();
}

void H2Connection::close() {
  if (state_ == State::Dead) return;
  enter(State::Dead);
  UpstreamConnection::unlink();
  watch_.disarm();
  session_.goAway();
  session_.write(out_);
  AtSettle::unlink();
  transport_->close(Transport::CloseMode::Normal);
}

void H2Connection::drain() {
  if (state_ == State::Dead) return;
  UpstreamConnection::unlink();
  session_.goAway();
  settleLater();
}

// Octets that nobody has read yet are a PING, or the end; it is not worth the risk while there is another way.
bool H2Connection::stale() {
  return streams_.empty() && transport_->probe() != Transport::PeerState::Quiet;
}

void H2Connection::onBytes(Bytes data) {
  if (state_ == State::Dead) return;
  heardAt_ = turn_.now;
  pinged_ = false;
  session_.feed(data, turn_.now);
  settleLater();
}

void H2Connection::onEnd() {
  if (state_ != State::Dead) lose(upstreamError(Reason::UpstreamReset, "the upstream closed the connection"));
}

void H2Connection::onLost(const char* why) {
  if (state_ != State::Dead) lose(upstreamError(Reason::UpstreamReset, why));
}

void H2Connection::onGreeted() {
  owner_->onStreamLimit(session_.mostStreams());
  if (state_ == State::Greeting) enter(State::Idle);
  roomToTell_ = true;
}

void H2Connection::onGuard(http::h2::Guard guard) {
  if (terms_.guards != nullptr) (*terms_.guards)[static_cast<size_t>(guard)].add();
}

// The owner may give it a new stream for one that has ended; then all leaves together.
void H2Connection::atSettle() {
  if (state_ == State::Dead) return;
  for (size_t i = streams_.size(); i-- > 0;) {
    if (i < streams_.size()) streams_[i]->tellEnd();
  }
  if (std::exchange(roomToTell_, false) && room() > 0) owner_->onFree(*this);
  if (state_ == State::Dead) return;
  session_.write(out_);
  if (state_ == State::Dead) return;
  if (session_.failure()) return lose(*session_.failure());
  if (finished()) die(ConnectionEnd::Ordinary);
}

// Nothing is under way, and nothing new may come.
bool H2Connection::finished() const {
  return streams_.empty() && (!session_.takesStreams() || age() >= terms_.maxAge);
}

void H2Connection::lose(const Error& error) {
  ConnectionEnd end = state_ == State::Idle ? ConnectionEnd::ClosedWhileIdle : ConnectionEnd::Ordinary;
  if (!session_.greeted()) end = ConnectionEnd::NeverGreeted;
  if (session_.speaksHttp1()) end = ConnectionEnd::SpeaksHttp1;
  die(end);
  session_.lose(error);
  // Those that were leased and have sent nothing yet.
  while (!streams_.empty()) streams_.back()->abandon(error);
}

void H2Connection::die(ConnectionEnd end) {
  const Duration idle = idleFor();
  close();
  owner_->onDead(*this, end, idle);
}

// ---- Time

void H2Connection::armWatch() {
  const Instant due = nextWatch();
  if (!watch_.armed() || watch_.due() > due) turn_.timers.arm(watch_, due);
}

Instant H2Connection::nextWatch() const {
  Instant due = kNever;
  if (state_ == State::Idle) due = after(idleSince_, terms_.idle);
  if (state_ == State::Busy) {
    due = pinged_ ? pingedAt_ + kPingAnswer : std::max(busySince_, heardAt_) + kPingAfter;
  }
  return age() >= terms_.maxAge ? due : std::min(due, after(bornAt_, terms_.maxAge));
}

void H2Connection::onWatch() {
  if (state_ == State::Dead) return;
  if (state_ == State::Idle && idleFor() >= terms_.idle) return die(ConnectionEnd::Ordinary);
  if (age() >= terms_.maxAge) drain();
  if (state_ == State::Busy && noteSilence()) {
    return lose(upstreamError(Reason::UpstreamReset, "the upstream has gone silent"));
  }
  turn_.timers.arm(watch_, nextWatch());
}

// True where even a PING was not answered.
bool H2Connection::noteSilence() {
  if (pinged_) return turn_.now - pingedAt_ >= kPingAnswer;
  if (turn_.now - std::max(busySince_, heardAt_) < kPingAfter) return false;
  pinged_ = true;
  pingedAt_ = turn_.now;
  session_.ping();
  settleLater();
  return false;
}

}  // namespace outrigger::upstream
