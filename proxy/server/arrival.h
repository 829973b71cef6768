// A connection whose protocol is not known yet: looks at its first octets, shakes hands where they are TLS, and then
// becomes the connection that serves it (proxy/server/*_downstream). No timer gives a verdict. Lifetime and thread:
// DownstreamConnection.
#pragma once

#include <string>

#include "proxy/exchange/snapshot.h"
#include "proxy/http/server_stream.h"
#include "proxy/server/downstream_connection.h"

namespace outrigger::server {

/// What a connection may become; all outlive it. The reception may change with a reload.
struct Reception {
  http::StreamHandler& handler;
  const exchange::ReceptionSettings& settings;
  const ServingRules& rules;
};

class Arrival final : public DownstreamConnection, private HandshakeSink {
 public:
  Arrival(DownstreamHome& home, const Reception& reception, std::unique_ptr<Transport> transport);

  void closeIfIdle() override;
  void close() override { die(); }

 private:
  enum class Phase : uint8_t { Looking, Shaking, Closed };

  void onBytes(Bytes data) override;
  void onEnd() override { die(); }
  void onLost(const char*) override { die(); }
  void onDrained() override {}

  void onSecured(std::unique_ptr<Transport> transport) override;
  void onHandshakeFailed(const Error& error) override;

  void look();
  void remember();
  void secure();
  template <class Connection>
  void become();
  void die();
  void onTimer() { die(); }

  DownstreamHome& home_;
  const Reception reception_;
  std::unique_ptr<Transport> transport_;  // away while hands are shaken
  std::unique_ptr<Handshake> handshake_;
  std::string seen_;  // what has come while nothing could be told from it
  Bytes data_;        // all that has come, during a callback
  Phase phase_ = Phase::Looking;
  bool secured_ = false;
  Timer<Arrival, &Arrival::onTimer> timer_{*this};
};

}  // namespace outrigger::server
