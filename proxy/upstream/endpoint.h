// Everything learned about one address of an upstream, and its connections. Lives as long as the address stays
// configured, and after that until its last connection and lease have ended. Owned by its Cluster; one worker's thread.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "proxy/base/address.h"
#include "proxy/base/dialer.h"
#include "proxy/http/h1/head_reader.h"
#include "proxy/http/h2/workbench.h"
#include "proxy/metrics/series.h"
#include "proxy/policy/ejection.h"
#include "proxy/policy/readiness.h"
#include "proxy/upstream/cluster_settings.h"
#include "proxy/upstream/h2_connection.h"
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
  /// `waiters` are those whom the connection was for, as far as they still wait.
  virtual void onConnectFailed(Endpoint& endpoint, const Error& error, List<Waiter, WaiterTag>& waiters) = 0;
  /// True if one connection more may be made; it counts from now on.
  virtual bool takeConnectionPlace() = 0;
  virtual void onReady(Waiter& waiter, UpstreamConnection& connection) = 0;

 protected:
  ~EndpointHome() = default;
};

/// What the endpoints of one upstream share.
struct EndpointTools {
  Turn& turn;
  Dialer& dialer;
  http::h1::HeadScratch& scratch;
  http::h2::Workbench& bench;
  metrics::UpstreamSeries& series;
  bool checksHealth = true;        ///< of several workers, one makes the health checks
  H2GuardCells* guards = nullptr;  ///< what peers overdid, by http::h2::Guard; nullptr: nobody counts
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

  /// What is spoken with it where the caller would like `wanted`: an endpoint may be known to speak HTTP/1 only.
  Protocol speaks(Protocol wanted) const;

  /// A connection with room for a stream, of those the one that was used last; nullptr if there is none. `closely`: ask
  /// the kernel whether it still stands, even where it was used a moment ago.
  UpstreamConnection* takeFree(Protocol protocol, bool closely);
  /// A stream can be had without a connection more.
  bool hasFree(Protocol protocol);
  /// Closes a connection without a stream, the one that has been idle longest. False if there is none.
  bool closeOneIdle();
  void closeIdle();

  /// `waiter` gets the first connection that is ready: the one that is dialled now, or one that is freed before.
  void connect(Waiter& waiter, Protocol protocol, std::optional<Duration> timeout);
  /// A connection is being made that has room for one more.
  bool canJoin(Protocol protocol) const;
  void join(Waiter& waiter, Protocol protocol) { line(protocol).waiting.pushBack(waiter); }
  /// Ends the oldest connection attempt if there are more of them than waiters need.
  void dropSpareDial();

  /// No longer configured: idle connections close, those in use after their stream.
  void leave();
  bool leaving() const { return leaving_; }

  size_t connections() const;
  size_t idleConnections() const;
  uint32_t leases() const { return leases_; }
  void addLease() { ++leases_; }
  void dropLease() { --leases_; }
  bool unused() const { return leases_ == 0 && connections() == 0; }

 private:
  class PendingDial;

  /// Those who wait for a connection of one kind, and the connections of that kind that are being made.
  struct Line {
    List<Waiter, WaiterTag> waiting;
    std::vector<std::unique_ptr<PendingDial>> dials;  // the oldest in front
    size_t perDial = 1;                               // streams that a new connection has room for
    bool lacksDials() const { return waiting.count() > dials.size() * perDial; }
  };
  static size_t lineOf(Protocol protocol) {
    if (protocol == Protocol::Tcp) return 2;
    return protocol == Protocol::Http2 ? 1 : 0;
  }
  Line& line(Protocol protocol) { return lines_[lineOf(protocol)]; }
  const Line& line(Protocol protocol) const { return lines_[lineOf(protocol)]; }

  void onFree(UpstreamConnection& connection) override;
  void onDead(UpstreamConnection& connection, ConnectionEnd end, Duration idle) override;
  void onKeepAliveHint(Duration timeout) override;
  void onStreamLimit(uint32_t most) override;

  void onDialled(PendingDial& dial, std::unique_ptr<Transport> transport);
  void onGreeted(PendingDial& dial, std::unique_ptr<H2Connection> connection);
  void onNotGreeted(PendingDial& dial, ConnectionEnd end);
  void onDialFailed(PendingDial& dial, const Error& error);
  DialOptions dialOptions(Protocol protocol) const;
  std::optional<Protocol> agreedOn(Protocol wanted, const PeerInfo& peer) const;
  void dial(Protocol protocol);
  void replenish(Protocol protocol);
  void learnHttp1();
  std::unique_ptr<UpstreamConnection> wrap(Protocol protocol, std::unique_ptr<Transport> transport);
  std::unique_ptr<H2Connection> makeHttp2(ConnectionOwner& owner, std::unique_ptr<Transport> transport,
                                          H2Connection::Beginning beginning);
  void adopt(std::unique_ptr<UpstreamConnection> connection);
  void forget(PendingDial& dial);
  void followSettings(const ClusterSettings& cluster);
  void drainAll(bool http1Too);
  UpstreamConnection* findRoomy(bool closely);
  void onIdleTimer();
  void armIdleTimer();
  void armForOldest();
  void followShorterIdleTime(Duration before);
  void offer(UpstreamConnection& connection);
  void keep(UpstreamConnection& connection);
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
  std::optional<Duration> connectTimeout_;
  H2Terms h2Terms_;
  bool byCaller_ = false;    // Protocol::Auto
  bool knownHttp2_ = false;  // it has shown that it speaks HTTP/2
  Instant http1Until_{};     // it has shown that it does not, which is believed until then
  bool leaving_ = false;
  bool ejectionEnforced_ = true;
  uint32_t leases_ = 0;
  std::vector<std::unique_ptr<UpstreamConnection>> connections_;
  std::array<Line, 3> lines_;
  List<UpstreamConnection, PoolTag> idle_;   // of HTTP/1, the last used in front
  List<UpstreamConnection, PoolTag> roomy_;  // of HTTP/2, with room when last seen
  Timer<Endpoint, &Endpoint::onIdleTimer> idleTimer_{*this};
};

}  // namespace outrigger::upstream
