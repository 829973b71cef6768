// Everything learned about one address of an upstream, and its connections. Lives as long as the address stays
// configured, and after that until its last connection and lease have ended. Owned by its Cluster; one worker's thread.
#pragma once

#include <memory>
#include <vector>

#include "proxy/base/address.h"
#include "proxy/base/dialer.h"
#include "proxy/http/h1/head_reader.h"
#include "proxy/metrics/series.h"
#include "proxy/policy/ejection.h"
#include "proxy/policy/readiness.h"
#include "proxy/upstream/cluster_settings.h"
#include "proxy/upstream/idle_time.h"
#include "proxy/upstream/upstream_connection.h"
#include "proxy/upstream/waiter.h"

namespace outrigger::upstream {

/// The label `state` of outrigger_endpoints. Of several that are true the last one counts.
enum class EndpointState : uint8_t {
  Healthy,
  Ejected,
  Returning,  ///< gets less than its share, and more by and by: from an ejection, or new (slow start)
  Unhealthy,  ///< health checks fail
  Draining,   ///< it has said that it goes, or is no longer configured and serves what is under way
};
inline constexpr size_t kEndpointStateCount = 5;

/// What an endpoint needs of the cluster it belongs to.
class EndpointHome {
 public:
  /// A connection is free, and nobody of this endpoint waits for it.
  virtual void onConnectionFree(Endpoint& endpoint) = 0;
  /// One connection (or attempt to get one) less.
  virtual void onConnectionGone(Endpoint& endpoint) = 0;
  virtual void onConnected(Endpoint& endpoint) = 0;
  /// `waiter` is the one that the connection was for, if it still waits.
  virtual void onConnectFailed(Endpoint& endpoint, const Error& error, Waiter* waiter) = 0;
  virtual void onReady(Waiter& waiter, UpstreamConnection& connection) = 0;

 protected:
  ~EndpointHome() = default;
};

/// What the endpoints of one upstream share.
struct EndpointTools {
  Turn& turn;
  Dialer& dialer;
  http::h1::HeadScratch& scratch;
  metrics::UpstreamSeries& series;
  bool checksHealth = true;  ///< of several workers, one makes the health checks
};

class Endpoint final : private ConnectionOwner {
 public:
  Endpoint(EndpointTools tools, EndpointHome& home, uint32_t id, const EndpointSettings& settings,
           const ClusterSettings& cluster);
  ~Endpoint();

  /// Unique within the cluster, never used again.
  uint32_t id() const { return id_; }
  const Address& address() const { return address_; }
  /// Where it is called.
  const Address& dialled() const { return dial_; }

  /// Where it stands in its EndpointSet, which keeps this up to date; nullopt: it is leaving.
  std::optional<uint32_t> position;

  void configure(const EndpointSettings& settings, const ClusterSettings& cluster);

  policy::EndpointRecord& record() { return record_; }
  const policy::EndpointRecord& record() const { return record_; }
  policy::Readiness& readiness() { return readiness_; }
  const policy::Readiness& readiness() const { return readiness_; }
  EndpointState state() const;
  /// Else what ejection decides is only told (mode observe), and does not show in state().
  void enforceEjection(bool enforced) { ejectionEnforced_ = enforced; }

  /// The idle connection that was used last and still stands; nullptr if there is none. `closely`: ask the kernel, even
  /// where it was used a moment ago.
  UpstreamConnection* takeIdle(Protocol protocol, bool closely);
  bool hasIdle() const { return !idle_.empty(); }
  /// Closes the connection that has been idle longest. False if there is none.
  bool closeOneIdle();
  void closeIdle();

  /// `waiter` gets the first connection that is ready: the one that is dialled now, or one that is freed before.
  void connect(Waiter& waiter, Protocol protocol, std::optional<Duration> timeout);
  /// Ends the oldest connection attempt of that kind if there are more of them than waiters.
  void dropSpareDial(bool raw);

  /// No longer configured: idle connections close, those in use after their stream.
  void leave();
  bool leaving() const { return leaving_; }

  size_t connections() const { return connections_.size() + dials_.size(); }
  size_t idleConnections() const { return idle_.count(); }
  uint32_t leases() const { return leases_; }
  void addLease() { ++leases_; }
  void dropLease() { --leases_; }
  bool unused() const { return leases_ == 0 && connections() == 0 && waiting_.empty(); }

 private:
  class PendingDial;

  void onFree(UpstreamConnection& connection) override;
  void onDead(UpstreamConnection& connection, ConnectionEnd end, Duration idle) override;
  void onKeepAliveHint(Duration timeout) override;

  void onDialled(PendingDial& dial, std::unique_ptr<Transport> transport);
  void onDialFailed(PendingDial& dial, const Error& error);
  DialOptions dialOptions(Protocol protocol) const;
  std::unique_ptr<UpstreamConnection> wrap(Protocol protocol, std::unique_ptr<Transport> transport);
  Waiter* takeWaiter(bool raw);
  bool dialsToSpare(bool raw);
  void forget(PendingDial& dial);
  void onIdleTimer();
  void armIdleTimer();
  void armForOldest();
  void followShorterIdleTime(Duration before);
  void offer(UpstreamConnection& connection);
  bool usable(UpstreamConnection& connection, bool closely) const;
  void discard(UpstreamConnection& connection);

  EndpointTools tools_;
  EndpointHome& home_;
  const uint32_t id_;
  const Address address_;
  Address dial_;
  policy::EndpointRecord record_;
  policy::Readiness readiness_;
  std::shared_ptr<const TlsClientSettings> tls_;
  std::string sharedIntroduction_;
  IdleTime idleTime_;
  std::optional<Duration> maxAge_;
  bool leaving_ = false;
  bool ejectionEnforced_ = true;
  uint32_t leases_ = 0;
  std::vector<std::unique_ptr<UpstreamConnection>> connections_;
  std::vector<std::unique_ptr<PendingDial>> dials_;  // the oldest in front
  List<UpstreamConnection, PoolTag> idle_;           // the last used in front
  List<Waiter, WaiterTag> waiting_;                  // for a connection of this endpoint
  Timer<Endpoint, &Endpoint::onIdleTimer> idleTimer_{*this};
};

}  // namespace outrigger::upstream
