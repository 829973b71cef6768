// The port that opens connections: net/connector for sockets and TLS, the simulator for memory.
#pragma once

#include <memory>

#include "proxy/base/address.h"
#include "proxy/base/error.h"
#include "proxy/base/tls.h"
#include "proxy/base/transport.h"

namespace outrigger {

class DialSink {
 public:
  /// The connection stands; attach a sink to it before this call returns. The Dial may die in here.
  virtual void onConnected(std::unique_ptr<Transport> transport) = 0;
  /// It could not be made: ConnectFailed or TlsFailed, always unsent. The origin is Upstream, or Local when this host
  /// has no descriptor, port or memory left, which says nothing of the peer. The Dial may die in here.
  virtual void onDialFailed(const Error& error) = 0;

 protected:
  ~DialSink() = default;
};

/// One connection attempt under way. Destroying it cancels: no call follows.
class Dial {
 public:
  virtual ~Dial() = default;
};

/// What stands on top of the bare connection.
struct DialOptions {
  std::shared_ptr<const TlsClientSettings> tls{};  ///< nullptr: nothing
  bool offersHttp1 = true;                         ///< ALPN, where there is TLS
  bool offersHttp2 = false;                        ///< likewise; preferred where both are
};

class Dialer {
 public:
  virtual ~Dialer() = default;
  /// Begins to connect, and to shake hands where there is TLS. Never calls `sink` from inside this call; calls it once,
  /// later. There is no timeout: the caller keeps one and drops the Dial.
  virtual std::unique_ptr<Dial> dial(const Address& to, const DialOptions& options, DialSink& sink) = 0;
};

}  // namespace outrigger
