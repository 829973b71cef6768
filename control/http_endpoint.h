// A small HTTP server on the control loop: the data plane's codecs and connections with another handler. Serves the
// admin pages and telemetry. The control thread only.
#pragma once

#include <optional>
#include <string>

#include "proxy/net/listener.h"
#include "proxy/server/connection_set.h"

namespace outrigger::control {

class HttpEndpoint {
 public:
  /// `handler` outlives the endpoint.
  HttpEndpoint(net::EventLoop& loop, http::StreamHandler& handler)
      : loop_(loop), handler_(handler), connections_(loop.turn(), scratch_, open_) {}
  ~HttpEndpoint() { connections_.closeAll(); }

  /// Accepts on `socket` instead of the one before; nullopt: on none.
  void listen(std::optional<net::BoundSocket> socket);
  /// Where it listens; nullopt: nowhere.
  std::optional<Address> address() const;

 private:
  net::EventLoop& loop_;
  http::StreamHandler& handler_;
  http::h1::HeadScratch scratch_;
  metrics::Gauge open_;
  server::ConnectionSet connections_;
  std::optional<net::Listener> listener_;
};

}  // namespace outrigger::control
