#include "proxy/upstream/endpoint.h"

#include <algorithm>

#include "proxy/upstream/h1_connection.h"
#include "proxy/upstream/raw_connection.h"

namespace outrigger::upstream {
namespace {

// A FIN that came before the last poll has been seen; what the check adds is the present turn, and what a stalled
// process finds when it wakes. Connections in constant use are not worth the system call.
constexpr Duration kCheckAfterIdle = 250ms;

// How long an endpoint that does not speak HTTP/2 is believed to stay so.
constexpr Duration kBelieveHttp1 = 5min;
constexpr Duration kBelieveSilence = 1s;

// How long a connection of HTTP/2 is kept without a stream, where nothing was configured.
constexpr Duration kIdleHttp2 = 60s;

template <class T>
std::unique_ptr<T> takeOut(std::vector<std::unique_ptr<T>>& owned, const T& which) {
  const auto at = std::ranges::find(owned, &which, &std::unique_ptr<T>::get);
  std::unique_ptr<T> taken = std::move(*at);
  owned.erase(at);
  return taken;
}

}  // namespace

/// A connection attempt with its timeout. Where nobody knows whether the endpoint speaks HTTP/2 it includes the peer's
/// first word: no request goes to one that might take it for something else.
class Endpoint::PendingDial final : private DialSink, private ConnectionOwner {
 public:
  PendingDial(Endpoint& endpoint, Protocol protocol, std::optional<Duration> timeout)
      : endpoint_(endpoint), protocol_(protocol), tls_(endpoint.tls_) {
    dial_ = endpoint.tools_.dialer.dial(endpoint.dial_, endpoint.dialOptions(protocol), *this);
    if (timeout) endpoint.tools_.turn.timers.arm(timer_, endpoint.tools_.turn.now + *timeout);
  }

  Protocol protocol() const { return protocol_; }
  /// It was begun under settings that hold no longer.
  bool outdated() const { return tls_ != endpoint_.tls_; }

  void greet(std::unique_ptr<Transport> transport) {
    dial_.reset();
    greeting_ = endpoint_.makeHttp2(*this, std::move(transport), H2Connection::Beginning::Greeting);
  }

  /// It has ended: what still comes of it is not wanted, though it lies in the graveyard until the turn has unwound.
  void stop() {
    timer_.disarm();
    dial_.reset();
    if (greeting_ != nullptr) greeting_->close();
  }

 private:
  void onConnected(std::unique_ptr<Transport> transport) override { endpoint_.onDialled(*this, std::move(transport)); }
  void onDialFailed(const Error& error) override { endpoint_.onDialFailed(*this, error); }
  void onFree(UpstreamConnection&) override { endpoint_.onGreeted(*this, std::move(greeting_)); }
  void onDead(UpstreamConnection&, ConnectionEnd end, Duration) override { endpoint_.onNotGreeted(*this, end); }
  void onKeepAliveHint(Duration) override {}
  void onStreamLimit(uint32_t most) override { endpoint_.onStreamLimit(most); }
  void onTimeout() {
    endpoint_.onDialFailed(*this, unsentError(Reason::ConnectTimeout, "no connection within the connect timeout"));
  }

  Endpoint& endpoint_;
  const Protocol protocol_;
  const std::shared_ptr<const TlsClientSettings> tls_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<H2Connection> greeting_;
  Timer<PendingDial, &PendingDial::onTimeout> timer_{*this};
};

Endpoint::Endpoint(EndpointTools tools, EndpointHome& home, uint32_t id, const EndpointSettings& settings,
                   const ClusterSettings& cluster)
    : tools_(tools),
      home_(home),
      id_(id),
      address_(settings.address),
      dial_(settings.dial),
      tls_(cluster.tls),
      sharedIntroduction_(cluster.sharedIntroduction),
      idleTime_(cluster.policy.limits.idle) {
  h2Terms_.guards = tools.guards;
  line(Protocol::Http2).perDial = http::h2::ClientSession::kMostStreams;
  followSettings(cluster);
}

Endpoint::~Endpoint() = default;

void Endpoint::followSettings(const ClusterSettings& cluster) {
  const policy::LimitSettings& limits = cluster.policy.limits;
  maxAge_ = limits.maxAge;
  connectTimeout_ = cluster.policy.timeout.connect;
  byCaller_ = cluster.protocol == Protocol::Auto;
  h2Terms_.idle = limits.idle.isAuto ? kIdleHttp2 : limits.idle.value.value_or(kLongestSetting);
  h2Terms_.maxAge = maxAge_.value_or(kLongestSetting);
}

void Endpoint::configure(const EndpointSettings& settings, const ClusterSettings& cluster) {
  if (settings.dial != dial_ || cluster.tls != tls_) {
    closeIdle();
    drainAll(true);
    knownHttp2_ = false;
    http1Until_ = {};
  }
  dial_ = settings.dial;
  tls_ = cluster.tls;
  sharedIntroduction_ = cluster.sharedIntroduction;
  idleTime_.configure(cluster.policy.limits.idle);
  followSettings(cluster);
  for (const auto& connection : connections_) connection->followTimes();
}

// One that has nothing to do ends at once, and leaves the list that is being walked.
void Endpoint::drainAll(bool http1Too) {
  std::vector<UpstreamConnection*> all;
  for (const auto& connection : connections_) {
    if (http1Too || connection->protocol() == Protocol::Http2) all.push_back(connection.get());
  }
  for (UpstreamConnection* connection : all) connection->drain();
}

EndpointState Endpoint::state() const {
  using Record = policy::EndpointRecord::State;
  if (leaving_ || readiness_.draining()) return EndpointState::Draining;
  if (readiness_.held()) return EndpointState::Ejected;
  if (readiness_.unhealthy()) return EndpointState::Unhealthy;
  const Record judged = ejectionEnforced_ ? record_.state() : Record::Healthy;
  if (judged == Record::Ejected) return EndpointState::Ejected;
  return judged == Record::Returning || readiness_.warming() ? EndpointState::Returning : EndpointState::Healthy;
}

Protocol Endpoint::speaks(Protocol wanted) const {
  const bool cannot = byCaller_ && wanted == Protocol::Http2 && tools_.turn.now < http1Until_;
  return cannot ? Protocol::Http1 : wanted;
}

UpstreamConnection* Endpoint::takeFree(Protocol protocol, bool closely) {
  if (protocol == Protocol::Http2) return findRoomy(closely);
  if (protocol == Protocol::Tcp) return nullptr;
  while (UpstreamConnection* connection = idle_.popFront()) {
    if (usable(*connection, closely)) return connection;
    discard(*connection);
  }
  return nullptr;
}

// A busy connection tells itself when it ends; one that is idle is looked at, and left to find out what has come.
UpstreamConnection* Endpoint::findRoomy(bool closely) {
  UpstreamConnection* found = nullptr;
  roomy_.forEach([&](UpstreamConnection& connection) {
    if (found != nullptr || connection.room() == 0) return;
    const bool look = connection.idle() && (closely || connection.idleFor() >= kCheckAfterIdle);
    if (!look || !connection.stale()) found = &connection;
  });
  return found;
}

bool Endpoint::hasFree(Protocol protocol) {
  if (protocol == Protocol::Http2) return findRoomy(false) != nullptr || canJoin(protocol);
  return protocol == Protocol::Http1 && !idle_.empty();
}

size_t Endpoint::connections() const {
  size_t count = connections_.size();
  for (const Line& each : lines_) count += each.dials.size();
  return count;
}

size_t Endpoint::idleConnections() const {
  return static_cast<size_t>(std::ranges::count_if(connections_, [](const auto& each) { return each->idle(); }));
}

bool Endpoint::usable(UpstreamConnection& connection, bool closely) const {
  if (maxAge_ && connection.age() >= *maxAge_) return false;
  const Duration idle = connection.idleFor();
  if (idle >= idleTime_.limit()) return false;
  return (idle < kCheckAfterIdle && !closely) || !connection.stale();
}

void Endpoint::discard(UpstreamConnection& connection) {
  connection.close();
  onDead(connection, ConnectionEnd::Ordinary, Duration::zero());
}

bool Endpoint::closeOneIdle() {
  UpstreamConnection* found = idle_.empty() ? nullptr : &idle_.back();
  roomy_.forEach([&](UpstreamConnection& connection) {
    if (found == nullptr && connection.idle()) found = &connection;
  });
  if (found != nullptr) discard(*found);
  return found != nullptr;
}

void Endpoint::closeIdle() {
  while (closeOneIdle()) {
  }
}

DialOptions Endpoint::dialOptions(Protocol protocol) const {
  const bool http2 = protocol == Protocol::Http2;
  return {.tls = tls_, .offersHttp1 = protocol == Protocol::Http1 || (http2 && byCaller_), .offersHttp2 = http2};
}

void Endpoint::connect(Waiter& waiter, Protocol protocol, std::optional<Duration> timeout) {
  connectTimeout_ = timeout;
  line(protocol).waiting.pushBack(waiter);
  dial(protocol);
}

void Endpoint::dial(Protocol protocol) {
  line(protocol).dials.push_back(std::make_unique<PendingDial>(*this, protocol, connectTimeout_));
}

// Some wait for a connection that nobody makes: others were expected to have room for them.
void Endpoint::replenish(Protocol protocol) {
  Line& there = line(protocol);
  while (there.lacksDials() && home_.takeConnectionPlace()) dial(protocol);
}

bool Endpoint::canJoin(Protocol protocol) const {
  const Line& there = line(protocol);
  return there.perDial > 1 && there.waiting.count() < there.dials.size() * there.perDial;
}

void Endpoint::leave() {
  leaving_ = true;
  position.reset();
  closeIdle();
  drainAll(false);
}

void Endpoint::dropSpareDial() {
  for (Line& each : lines_) {
    const size_t needed = (each.waiting.count() + each.perDial - 1) / each.perDial;
    if (each.dials.size() <= needed) continue;
    forget(*each.dials.front());
    return home_.onConnectionGone(*this);
  }
}

void Endpoint::forget(PendingDial& dial) {
  dial.stop();
  tools_.turn.graveyard.bury(takeOut(line(dial.protocol()).dials, dial));
}

// nullopt: the peer does not speak what it must.
std::optional<Protocol> Endpoint::agreedOn(Protocol wanted, const PeerInfo& peer) const {
  if (wanted != Protocol::Http2 || !peer.secure || peer.alpn == Alpn::Http2) return wanted;
  if (byCaller_) return Protocol::Http1;
  // Who does not know ALPN may well speak HTTP/2 all the same, as configured.
  return peer.alpn == Alpn::None ? std::optional(wanted) : std::nullopt;
}

void Endpoint::onDialled(PendingDial& dial, std::unique_ptr<Transport> transport) {
  if (dial.outdated()) return onDialFailed(dial, localError(Reason::ConnectFailed, "the settings of TLS have changed"));
  const Protocol wanted = dial.protocol();
  const auto agreed = agreedOn(wanted, transport->peer());
  if (!agreed) return onDialFailed(dial, unsentError(Reason::TlsFailed, "the upstream did not agree on HTTP/2"));
  if (wanted != Protocol::Tcp && !sharedIntroduction_.empty()) {
    const Bytes introduction = sharedIntroduction_;
    transport->write(std::span(&introduction, 1));
  }
  const bool mayBeHttp1 = *agreed == Protocol::Http2 && byCaller_ && !transport->peer().secure && !knownHttp2_;
  if (mayBeHttp1) return dial.greet(std::move(transport));
  forget(dial);
  if (*agreed != wanted) learnHttp1();
  adopt(wrap(*agreed, std::move(transport)));
}

std::unique_ptr<UpstreamConnection> Endpoint::wrap(Protocol protocol, std::unique_ptr<Transport> transport) {
  ConnectionOwner& self = *this;
  if (protocol == Protocol::Http2) return makeHttp2(self, std::move(transport), H2Connection::Beginning::AtOnce);
  if (protocol == Protocol::Tcp) {
    return std::make_unique<RawConnection>(tools_.turn, self, tools_.series, std::move(transport));
  }
  return std::make_unique<H1Connection>(tools_.turn, tools_.scratch, self, tools_.series, std::move(transport));
}

std::unique_ptr<H2Connection> Endpoint::makeHttp2(ConnectionOwner& owner, std::unique_ptr<Transport> transport,
                                                  H2Connection::Beginning beginning) {
  return std::make_unique<H2Connection>(tools_.turn, tools_.bench, owner, tools_.series, h2Terms_, std::move(transport),
                                        beginning);
}

void Endpoint::adopt(std::unique_ptr<UpstreamConnection> connection) {
  connections_.push_back(std::move(connection));
  UpstreamConnection& adopted = *connections_.back();
  home_.onConnected(*this);
  offer(adopted);
  replenish(adopted.protocol());
}

void Endpoint::onGreeted(PendingDial& dial, std::unique_ptr<H2Connection> connection) {
  knownHttp2_ = true;
  connection->setOwner(*this);
  forget(dial);
  adopt(std::move(connection));
}

// It was called in HTTP/2 and said nothing that makes sense, but no request has gone there yet: in HTTP/1, then.
// Silence may be a restart: only an answer in HTTP/1 is believed for long.
void Endpoint::onNotGreeted(PendingDial& dial, ConnectionEnd end) {
  forget(dial);
  learnHttp1();
  if (end != ConnectionEnd::SpeaksHttp1) http1Until_ = tools_.turn.now + kBelieveSilence;
  home_.onConnectionGone(*this);
  replenish(Protocol::Http1);
}

void Endpoint::learnHttp1() {
  if (!byCaller_) return;
  knownHttp2_ = false;
  http1Until_ = tools_.turn.now + kBelieveHttp1;
  line(Protocol::Http1).waiting.takeAll(line(Protocol::Http2).waiting);
}

void Endpoint::onDialFailed(PendingDial& dial, const Error& error) {
  const Protocol protocol = dial.protocol();
  Line& there = line(protocol);
  forget(dial);
  // Whom it was for may have left or have been served; as long as enough others are being made, nobody fails for it.
  List<Waiter, WaiterTag> failed;
  for (size_t n = 0; n < there.perDial && there.lacksDials(); ++n) failed.pushBack(*there.waiting.popFront());
  home_.onConnectionGone(*this);
  home_.onConnectFailed(*this, error, failed);
  replenish(protocol);  // for those who still wait
}

void Endpoint::onFree(UpstreamConnection& connection) {
  // Each who waits for HTTP/1 has an attempt to connect of its own, so a doubtful connection is no loss.
  auto& waiting = line(Protocol::Http1).waiting;
  const bool doubtful = connection.protocol() == Protocol::Http1 && !waiting.empty() &&
                        waiting.front().unrepeatable() && connection.stale();
  if (doubtful) return discard(connection);
  offer(connection);
}

void Endpoint::offer(UpstreamConnection& connection) {
  auto& waiting = line(connection.protocol()).waiting;
  while (connection.room() > 0 && !waiting.empty()) home_.onReady(*waiting.popFront(), connection);
  if (connection.room() > 0) keep(connection);
}

void Endpoint::keep(UpstreamConnection& connection) {
  const bool http2 = connection.protocol() == Protocol::Http2;
  if (connection.protocol() == Protocol::Tcp) return discard(connection);
  if (leaving_) return http2 ? connection.drain() : discard(connection);
  if (http2) {
    roomy_.pushFront(connection);
  } else {
    connection.rest();
    idle_.pushFront(connection);
    armIdleTimer();
  }
  home_.onConnectionFree(*this);
}

void Endpoint::onDead(UpstreamConnection& connection, ConnectionEnd end, Duration idle) {
  tools_.turn.graveyard.bury(takeOut(connections_, connection));
  if (end == ConnectionEnd::SpeaksHttp1) learnHttp1();
  if (end == ConnectionEnd::NeverGreeted) knownHttp2_ = false;
  if (connection.protocol() == Protocol::Http1) {
    const Duration before = idleTime_.limit();
    if (end == ConnectionEnd::ClosedWhileIdle || end == ConnectionEnd::StaleOnReuse) idleTime_.onClosedByPeer(idle);
    followShorterIdleTime(before);
    if (end == ConnectionEnd::StaleOnReuse) closeIdle();
  }
  home_.onConnectionGone(*this);
  for (const Protocol protocol : {Protocol::Http1, Protocol::Http2, Protocol::Tcp}) replenish(protocol);
}

// The next connections are filled accordingly before they have said anything.
void Endpoint::onStreamLimit(uint32_t most) {
  h2Terms_.mostStreams = std::max(most, 1U);
  line(Protocol::Http2).perDial = h2Terms_.mostStreams;
}

void Endpoint::onKeepAliveHint(Duration timeout) {
  const Duration before = idleTime_.limit();
  idleTime_.onHint(timeout);
  followShorterIdleTime(before);
}

// The timer was armed for a longer time; the next connection that becomes idle arms it anew.
void Endpoint::followShorterIdleTime(Duration before) {
  if (idleTime_.limit() >= before) return;
  idleTimer_.disarm();
  if (!idle_.empty()) armForOldest();
}

void Endpoint::armIdleTimer() {
  if (!idleTimer_.armed()) tools_.turn.timers.arm(idleTimer_, after(tools_.turn.now, idleTime_.limit()));
}

// One timer for the pool: the oldest connection stands at its back.
void Endpoint::onIdleTimer() {
  while (!idle_.empty() && idle_.back().idleFor() >= idleTime_.limit()) {
    idleTime_.onSurvived(idle_.back().idleFor());
    closeOneIdle();
  }
  if (!idle_.empty()) armForOldest();
}

void Endpoint::armForOldest() {
  const Duration left = idleTime_.limit() - idle_.back().idleFor();
  tools_.turn.timers.arm(idleTimer_, after(tools_.turn.now, std::max(left, Duration::zero())));
}

}  // namespace outrigger::upstream
