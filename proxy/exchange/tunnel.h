// Octets passed both ways between a caller and one endpoint, whatever they mean: a TCP connection, through the same
// limits, breaker, balancing and ejection as a request. It looks for another endpoint as long as it can lose nothing:
// until a connection stands. What becomes of it counts as an attempt: a connection that cannot be made is a failure,
// one that is reset before the endpoint has said anything is a reset, and one that has stood for a second is good.
//
// Each side's end (FIN) is passed on by itself. A tunnel that ends before both have ended is reset on both sides, so
// that nobody takes a part for the whole. Owned by its caller's connection; one worker's thread.
//
//   Connecting ◄──► Backoff
//        │
//        ▼
//       Open ──► Closing ──► Done
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/base/direction.h"
#include "proxy/base/turn.h"
#include "proxy/exchange/access_record.h"
#include "proxy/exchange/tried_endpoints.h"
#include "proxy/metrics/shard.h"
#include "proxy/policy/outcome.h"
#include "proxy/policy/retry.h"
#include "proxy/upstream/cluster.h"

namespace outrigger::exchange {

/// What tunnels of one worker share, and what they tell it.
class TunnelHome {
 public:
  virtual Turn& turn() = 0;
  virtual metrics::Shard& metrics() = 0;
  /// Why this caller may not have a tunnel; nullopt: it may.
  virtual std::optional<Reason> refusesTunnel(Direction direction, const PeerInfo& peer) = 0;
  /// Whether anybody wants the record of one that ended so.
  virtual bool wantsTunnelRecord(Reason reason) = 0;
  virtual void onTunnelRecord(const AccessRecord& record) = 0;
  /// One more or one less is open.
  virtual void onTunnelBegun() = 0;
  virtual void onTunnelEnded() = 0;

 protected:
  ~TunnelHome() = default;
};

/// The caller's side. All but onTunnelEnd() may be called from inside a call to the tunnel.
class TunnelCaller {
 public:
  /// `data` is valid until the running callback has settled.
  virtual void send(Bytes data) = 0;
  /// FIN, behind what was sent.
  virtual void sendEnd() = 0;
  /// Octets that the caller has not taken. At most kHighWater are fed; Tunnel::onCallerDrained() follows.
  virtual size_t pending() const = 0;
  virtual void pause() = 0;
  virtual void resume() = 0;
  /// The tunnel is over, and so is the connection. The last call.
  virtual void onTunnelEnd(Transport::CloseMode mode) = 0;
  virtual const PeerInfo& peer() const = 0;
  /// The PROXY header that tells `to` about the caller.
  virtual std::string introduction(policy::ProxyProtocol version, const Address& to) const = 0;

 protected:
  ~TunnelCaller() = default;
};

/// Where it goes. Holds the cluster and not the snapshot, which would stay for as long as a tunnel does.
struct TunnelErrand {
  Direction direction = Direction::Outbound;
  std::shared_ptr<upstream::Cluster> cluster;
  std::shared_ptr<upstream::RouteState> route;
  uint32_t series = 0;  ///< index of its metrics::TunnelSeries
};

class Tunnel final : private upstream::Waiter, private upstream::ResponseSink {
 public:
  /// `home` outlives it.
  Tunnel(TunnelHome& home, TunnelErrand errand);
  ~Tunnel();

  /// Begins to connect; may end inside this call. On trial: before anybody has spoken. What becomes of it then is
  /// neither counted nor recorded, and it is dropped by its owner without a word.
  void open(TunnelCaller& caller, bool onTrial);
  /// Another one speaks for the caller from now on, and it is no trial any more.
  void take(TunnelCaller& caller);

  void onCallerBytes(Bytes data);
  void onCallerEnd();
  void onCallerLost();
  void onCallerDrained();
  /// Ends it now.
  void cut(Reason reason) { finish(reason); }

 private:
  enum class Phase : uint8_t { Connecting, Backoff, Open, Closing, Done };

  void onLease() override;
  void onRefused(const upstream::Refusal& refusal) override;
  std::span<const uint32_t> tried() const override { return tried_.ids(); }
  Protocol protocol() const override { return Protocol::Tcp; }
  upstream::RouteState& route() override { return *errand_.route; }
  bool unrepeatable() const override { return false; }
  void onEndpointChosen(const upstream::Endpoint& endpoint) override;

  void onInterim(http::ResponseHead&) override {}
  void onResponseHead(http::ResponseHead&) override {}
  void onResponseBody(Bytes data) override;
  void onResponseEnd(http::FieldList trailers) override;
  void onStreamLost(const Error& error, bool stale) override;
  void onRequestDrained() override;

  void begin();
  void start();
  bool tryAgain(const policy::AttemptEnd& end);
  bool refuseRetry(policy::RetryRefusal why);
  bool connected() const { return phase_ == Phase::Open || phase_ == Phase::Closing; }
  upstream::UpstreamStream& stream() { return lease().stream(); }
  void sendUp(Bytes data);
  void holdCaller(bool held);
  void closeIfComplete();
  void observe(policy::AttemptResult result, Reason reason);
  void finish(Reason reason);
  void letGo();
  void record(Reason reason);
  void touch();
  void onTimer();
  void onIdle() { finish(Reason::IdleTimeout); }
  void onAge() { finish(Reason::Draining); }

  TunnelHome& home_;
  Turn& turn_;
  TunnelErrand errand_;
  upstream::Cluster& cluster_;
  metrics::TunnelSeries& series_;
  TunnelCaller* caller_ = nullptr;
  Phase phase_ = Phase::Connecting;
  bool onTrial_ = false;
  bool callerEnded_ = false;
  bool callerHeld_ = false;
  bool peerEnded_ = false;
  bool peerHeld_ = false;
  uint32_t made_ = 0;  // tries
  TriedEndpoints tried_;
  Address endpoint_;  // a copy: it may be gone by the end
  Duration backoff_{};
  Instant begunAt_{};
  Instant chosenAt_{};
  Duration connectTime_{};
  std::string kept_;  // what the caller has said before there was a connection
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
  Timer<Tunnel, &Tunnel::onTimer> timer_{*this};  // what it means depends on the phase
  Timer<Tunnel, &Tunnel::onIdle> idleTimer_{*this};
  Timer<Tunnel, &Tunnel::onAge> ageTimer_{*this};
};

}  // namespace outrigger::exchange
