#include "proxy/upstream/endpoint.h"

#include <algorithm>

#include "proxy/upstream/h1_connection.h"
#include "proxy/upstream/raw_connection.h"

namespace outrigger::upstream {
namespace {

// A FIN that came before the last poll has been seen; what the check adds is the present turn, and what a stalled
// process finds when it wakes. Connections in constant use are not worth the system call.
constexpr Duration kCheckAfterIdle = 250ms;

template <class T>
std::unique_ptr<T> takeOut(std::vector<std::unique_ptr<T>>& owned, const T& which) {
  const auto at = std::ranges::find(owned, &which, &std::unique_ptr<T>::get);
  std::unique_ptr<T> taken = std::move(*at);
  owned.erase(at);
  return taken;
}

}  // namespace

/// A connection attempt with its timeout.
class Endpoint::PendingDial final : private DialSink {
 public:
  PendingDial(Endpoint& endpoint, Protocol protocol, std::optional<Duration> timeout)
      : endpoint_(endpoint), protocol_(protocol) {
    dial_ = endpoint.tools_.dialer.dial(endpoint.dial_, endpoint.dialOptions(protocol), *this);
    if (timeout) endpoint.tools_.turn.timers.arm(timer_, endpoint.tools_.turn.now + *timeout);
  }

  Protocol protocol() const { return protocol_; }
  bool raw() const { return protocol_ == Protocol::Tcp; }

  /// It has ended: what still comes of it is not wanted, though it lies in the graveyard until the turn has unwound.
  void stop() {
    timer_.disarm();
    dial_.reset();
  }

 private:
  void onConnected(std::unique_ptr<Transport> transport) override { endpoint_.onDialled(*this, std::move(transport)); }
  void onDialFailed(const Error& error) override { endpoint_.onDialFailed(*this, error); }
  void onTimeout() {
    endpoint_.onDialFailed(*this, unsentError(Reason::ConnectTimeout, "no connection within the connect timeout"));
  }

  Endpoint& endpoint_;
  const Protocol protocol_;
  std::unique_ptr<Dial> dial_;
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
      idleTime_(cluster.policy.limits.idle),
      maxAge_(cluster.policy.limits.maxAge) {}

Endpoint::~Endpoint() = default;

void Endpoint::configure(const EndpointSettings& settings, const ClusterSettings& cluster) {
  if (settings.dial != dial_ || cluster.tls != tls_) closeIdle();
  dial_ = settings.dial;
  tls_ = cluster.tls;
  sharedIntroduction_ = cluster.sharedIntroduction;
  idleTime_.configure(cluster.policy.limits.idle);
  maxAge_ = cluster.policy.limits.maxAge;
}

EndpointState Endpoint::state() const {
  using Record = policy::EndpointRecord::State;
  if (leaving_ || readiness_.draining()) return EndpointState::Draining;
  if (readiness_.unhealthy()) return EndpointState::Unhealthy;
  const Record judged = ejectionEnforced_ ? record_.state() : Record::Healthy;
  if (judged == Record::Ejected) return EndpointState::Ejected;
  return judged == Record::Returning || readiness_.warming() ? EndpointState::Returning : EndpointState::Healthy;
}

// Only HTTP/1 connections lie in the pool so far.
UpstreamConnection* Endpoint::takeIdle(Protocol protocol, bool closely) {
  if (protocol == Protocol::Tcp) return nullptr;
  while (UpstreamConnection* connection = idle_.popFront()) {
    if (usable(*connection, closely)) return connection;
    discard(*connection);
  }
  return nullptr;
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
  if (idle_.empty()) return false;
  discard(idle_.back());
  return true;
}

void Endpoint::closeIdle() {
  while (closeOneIdle()) {
  }
}

DialOptions Endpoint::dialOptions(Protocol protocol) const {
  return {.tls = tls_, .offersHttp1 = protocol != Protocol::Tcp, .offersHttp2 = protocol == Protocol::Http2};
}

void Endpoint::connect(Waiter& waiter, Protocol protocol, std::optional<Duration> timeout) {
  waiting_.pushBack(waiter);
  dials_.push_back(std::make_unique<PendingDial>(*this, protocol, timeout));
}

void Endpoint::leave() {
  leaving_ = true;
  position.reset();
  closeIdle();
}

// Whether more connections of that kind are being made than are waited for.
bool Endpoint::dialsToSpare(bool raw) {
  size_t waiters = 0;
  waiting_.forEach([&](const Waiter& waiter) { waiters += waiter.isTunnel() == raw ? 1 : 0; });
  const auto ofKind = [raw](const auto& dial) { return dial->raw() == raw; };
  return static_cast<size_t>(std::ranges::count_if(dials_, ofKind)) > waiters;
}

void Endpoint::dropSpareDial(bool raw) {
  if (!dialsToSpare(raw)) return;
  forget(**std::ranges::find_if(dials_, [raw](const auto& dial) { return dial->raw() == raw; }));
  home_.onConnectionGone(*this);
}

// The first who waits for a connection of that kind.
Waiter* Endpoint::takeWaiter(bool raw) {
  if (!waiting_.empty() && waiting_.front().isTunnel() == raw) return waiting_.popFront();
  Waiter* found = nullptr;
  waiting_.forEach([&](Waiter& waiter) {
    if (found == nullptr && waiter.isTunnel() == raw) found = &waiter;
  });
  if (found != nullptr) found->unlink();
  return found;
}

void Endpoint::forget(PendingDial& dial) {
  dial.stop();
  tools_.turn.graveyard.bury(takeOut(dials_, dial));
}

std::unique_ptr<UpstreamConnection> Endpoint::wrap(Protocol protocol, std::unique_ptr<Transport> transport) {
  ConnectionOwner& self = *this;
  if (protocol == Protocol::Tcp) {
    return std::make_unique<RawConnection>(tools_.turn, self, tools_.series, std::move(transport));
  }
  if (!sharedIntroduction_.empty()) {
    const Bytes introduction = sharedIntroduction_;
    transport->write(std::span(&introduction, 1));
  }
  return std::make_unique<H1Connection>(tools_.turn, tools_.scratch, self, tools_.series, std::move(transport));
}

void Endpoint::onDialled(PendingDial& dial, std::unique_ptr<Transport> transport) {
  const Protocol protocol = dial.protocol();
  forget(dial);
  connections_.push_back(wrap(protocol, std::move(transport)));
  home_.onConnected(*this);
  offer(*connections_.back());
}

void Endpoint::onDialFailed(PendingDial& dial, const Error& error) {
  const bool raw = dial.raw();
  forget(dial);
  // Whom it was for may have left or have been served; as long as each who waits has an attempt of its own, nobody
  // fails for it.
  Waiter* waiter = waiting_.count() > dials_.size() ? takeWaiter(raw) : nullptr;
  home_.onConnectionGone(*this);
  home_.onConnectFailed(*this, error, waiter);
}

void Endpoint::onFree(UpstreamConnection& connection) {
  // Each who waits has an attempt to connect of its own, so a doubtful connection is no loss.
  const bool doubtful = !waiting_.empty() && waiting_.front().unrepeatable() && connection.stale();
  if (doubtful) return discard(connection);
  offer(connection);
}

void Endpoint::offer(UpstreamConnection& connection) {
  if (Waiter* waiter = takeWaiter(connection.isRaw())) return home_.onReady(*waiter, connection);
  if (leaving_ || connection.isRaw()) return discard(connection);
  connection.rest();
  idle_.pushFront(connection);
  armIdleTimer();
  home_.onConnectionFree(*this);
}

void Endpoint::onDead(UpstreamConnection& connection, ConnectionEnd end, Duration idle) {
  tools_.turn.graveyard.bury(takeOut(connections_, connection));
  const Duration before = idleTime_.limit();
  if (end == ConnectionEnd::ClosedWhileIdle || end == ConnectionEnd::StaleOnReuse) idleTime_.onClosedByPeer(idle);
  followShorterIdleTime(before);
  if (end == ConnectionEnd::StaleOnReuse) closeIdle();
  home_.onConnectionGone(*this);
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
