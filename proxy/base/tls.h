// The port to TLS: what is configured, as plain values, and the one who wraps a transport on the server's side. (On the
// client's side it is a part of dialling: base/dialer.h.) net/ implements it over OpenSSL, the simulator by a mark in
// the bytes. One worker's thread; settings are immutable and shared by all.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/base/error.h"
#include "proxy/base/transport.h"

namespace outrigger {

/// Certificates and keys as PEM texts, read and checked by the control side. Never logged.
struct TlsMaterial {
  std::string certificate;  ///< leaf first, then the chain; empty: none
  std::string key;
  std::string trust;  ///< the authorities that peers are verified against; empty: none
};

/// How callers are received.
struct TlsServerSettings {
  std::shared_ptr<const TlsMaterial> material;
  enum class Clients : uint8_t {
    Ignored,   ///< no certificate is asked for
    Optional,  ///< asked for; one that is shown must verify
    Required,
  };
  Clients clients = Clients::Optional;
};

/// How an upstream is called.
struct TlsClientSettings {
  std::shared_ptr<const TlsMaterial> material;  ///< our certificate, if it has one, is shown where the peer asks for it
  std::string serverName;                       ///< a name (which goes out as SNI) or an IP address without brackets;
                                                ///< checked against the certificate unless `identities` are given;
                                                ///< empty: neither
  std::vector<std::string> identities;          ///< SPIFFE IDs, one of which the peer must have; empty: by serverName
};

/// Hears how a handshake went. Not called from inside TlsAcceptor::accept().
class HandshakeSink {
 public:
  /// `transport` carries the plain bytes; its peer() tells what was agreed on and verified. Attach a sink to it before
  /// this call returns. The Handshake may die in here.
  virtual void onSecured(std::unique_ptr<Transport> transport) = 0;
  /// The connection is of no use any more. The Handshake may die in here.
  virtual void onHandshakeFailed(const Error& error) = 0;

 protected:
  ~HandshakeSink() = default;
};

/// A handshake under way. Destroying it ends the connection, and no call follows.
class Handshake {
 public:
  virtual ~Handshake() = default;
};

class TlsAcceptor {
 public:
  virtual ~TlsAcceptor() = default;
  /// Begins a handshake as the server. `already` was read from `transport` before; valid during the call. There is no
  /// timeout: the caller keeps one. `sink` outlives the handshake.
  virtual std::unique_ptr<Handshake> accept(std::unique_ptr<Transport> transport, Bytes already,
                                            const std::shared_ptr<const TlsServerSettings>& settings,
                                            HandshakeSink& sink) = 0;
};

}  // namespace outrigger
