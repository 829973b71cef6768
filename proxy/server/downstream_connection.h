// A connection that we serve, whatever it carries: the base of Arrival (not known yet), H1Downstream and the others.
// Owned by a ConnectionSet; when it dies inside its own callback it goes to the graveyard. One thread: a worker's, or
// the control loop's for admin pages.
#pragma once

#include <array>
#include <memory>

#include "proxy/base/tls.h"
#include "proxy/base/transport.h"
#include "proxy/base/turn.h"
#include "proxy/http/h1/head_reader.h"
#include "proxy/http/h2/frame_watch.h"
#include "proxy/http/h2/workbench.h"
#include "proxy/metrics/cell.h"

namespace outrigger::server {

/// How old a TLS connection becomes where nothing is said: then its peer shows its certificate anew.
inline constexpr Duration kSecureAge = 1h;

/// How a listener's connections are treated. Owned by the listener's side; may change between requests.
struct ServingRules {
  http::h1::HeadLimits limits;
  Duration headTimeout = 10s;               ///< from a head's first octet to its last; also for a TLS handshake
  std::optional<Duration> keepAlive = 60s;  ///< between requests; nullopt: for ever
  std::optional<Duration> maxAge;           ///< of a connection; nullopt: none, and kSecureAge where there is TLS
  uint32_t streams = 100;                   ///< of one HTTP/2 connection at a time
  bool lastAnswers = false;                 ///< draining: every answer is its connection's last
  bool secureOnly = false;                  ///< what is not TLS is served no longer

  /// nullopt: none.
  std::optional<Duration> ageLimit(const PeerInfo& peer) const {
    return maxAge || !peer.secure ? maxAge : std::optional<Duration>(kSecureAge);
  }

  bool trusts(Transport& transport, const std::shared_ptr<const TlsServerSettings>& settings) const {
    if (!transport.peer().secure) return !secureOnly;
    return transport.stillTrusted(settings);
  }
};

class DownstreamConnection : public TransportSink {
 public:
  virtual ~DownstreamConnection() = default;

  /// Ends it as soon as the peer has read what it was answered, if nothing is under way.
  virtual void closeIfIdle() = 0;
  /// Ends it now, whatever is under way.
  virtual void close() = 0;

  /// Answers are the last ones from now on (ServingRules::lastAnswers): says so at once where the protocol can.
  virtual void sayLast() {}

  /// Peers are judged by other rules from now on, those that its ServingRules have and `settings`, if there are any:
  /// one that does not pass is served no longer than what is under way.
  virtual void judgeAnew(const std::shared_ptr<const TlsServerSettings>& settings) { static_cast<void>(settings); }

  /// Its place in its ConnectionSet, which keeps this up to date.
  size_t slot = 0;
};

/// By http::h2::Guard.
using GuardCounters = std::array<metrics::Counter, http::h2::kGuardCount>;

/// What connections that speak HTTP/2 share.
struct Http2Parts {
  http::h2::Workbench& workbench;
  GuardCounters& guards;
};

/// Whose connections these are.
class DownstreamHome {
 public:
  virtual Turn& turn() = 0;
  virtual http::h1::HeadScratch& scratch() = 0;
  /// nullptr: no TLS here.
  virtual TlsAcceptor* tls() = 0;
  /// nullptr: no HTTP/2 here.
  virtual const Http2Parts* http2() = 0;
  /// `next` takes its place; it is buried.
  virtual void onBecame(DownstreamConnection& connection, std::unique_ptr<DownstreamConnection> next) = 0;
  /// It has closed; bury it.
  virtual void onClosed(DownstreamConnection& connection) = 0;

 protected:
  ~DownstreamHome() = default;
};

}  // namespace outrigger::server
