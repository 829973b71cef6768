// A small HTTP server on the control loop: the data plane's codecs and connections with another handler. Serves the
// admin pages and telemetry in HTTP/1, and the injector's webhook over TLS in HTTP/1 or HTTP/2. The control thread
// only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/net/listener.h"
#include "proxy/server/connection_set.h"

namespace outrigger::control {

class HttpEndpoint {
 public:
  /// `handler` outlives the endpoint.
  HttpEndpoint(net::EventLoop& loop, http::StreamHandler& handler)
      : loop_(loop), handler_(handler), reception_(handler), connections_(loop.turn(), scratch_, open_) {}
  ~HttpEndpoint() { connections_.closeAll(); }

  /// Accepts on `socket` instead of the one before; nullopt: on none.
  void listen(std::optional<net::BoundSocket> socket);
  /// Where it listens; nullopt: nowhere.
  std::optional<Address> address() const;

  /// Connections that come from now on are received under these settings, and all others refused.
  void secureBy(std::shared_ptr<const TlsServerSettings> settings);

  size_t connections() const { return connections_.size(); }
  /// The answers to come are the last of their connections.
  void leave();
  void closeIdle() { connections_.closeIdle(); }

 private:
  /// Takes HTTP over TLS and nothing else.
  class Reception final : public server::Receptionist {
   public:
    explicit Reception(http::StreamHandler& handler) : handler_(handler) {}

    const exchange::ReceptionSettings& reception(const PeerInfo&) const override { return settings_; }
    http::StreamHandler& requests() override { return handler_; }
    bool takesTcp(const PeerInfo&) const override { return false; }
    std::unique_ptr<exchange::Tunnel> makeTunnel(const PeerInfo&) override { return nullptr; }
    server::SpareSet& spares() override { return spares_; }
    void onDetected(metrics::Detection) override {}

    void secureBy(std::shared_ptr<const TlsServerSettings> settings) {
      settings_.tls = std::move(settings);
      settings_.tlsOnly = true;
    }
    bool secure() const { return settings_.tls != nullptr; }

   private:
    http::StreamHandler& handler_;
    exchange::ReceptionSettings settings_;
    server::SpareSet spares_;
  };

  net::EventLoop& loop_;
  http::StreamHandler& handler_;
  http::h1::HeadScratch scratch_;
  http::h2::Workbench workbench_;
  server::GuardCounters guards_;  // nobody reads them
  Reception reception_;
  metrics::Gauge open_;
  server::ConnectionSet connections_;
  std::optional<net::Listener> listener_;
};

}  // namespace outrigger::control
