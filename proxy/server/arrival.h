// A connection whose protocol is not known yet: takes its PROXY header, looks at its first octets, shakes hands where
// they are TLS, and then becomes the connection that serves it (proxy/server/*_downstream). Lifetime and thread:
// DownstreamConnection.
//
// No timer gives a verdict: a request line that comes one octet at a time is still HTTP. Where what is not HTTP has
// somewhere to go, a caller who stays silent gets a spare connection to an endpoint, for it may wait for the endpoint
// to speak first; what either says first decides. A caller who ends before it has said anything has no question.
#pragma once

#include <string>

#include "proxy/server/downstream_connection.h"
#include "proxy/server/receptionist.h"
#include "proxy/wire/detection.h"

namespace outrigger::server {

class Arrival final : public DownstreamConnection,
                      private HandshakeSink,
                      private exchange::TunnelCaller,
                      private SpareHolder {
 public:
  /// All outlive it.
  Arrival(DownstreamHome& home, Receptionist& receptionist, const ServingRules& rules,
          std::unique_ptr<Transport> transport);

  /// Once it stands in its home.
  void begin();

  void closeIfIdle() override;
  void judgeAnew(const std::shared_ptr<const TlsServerSettings>&) override {
    if (phase_ == Phase::Shaking || secured_) die();
  }
  void close() override { die(); }

 private:
  enum class Phase : uint8_t { Introduced, Looking, Shaking, Closed };
  using Detection = metrics::Detection;

  // The transport.
  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char*) override { die(); }
  void onDrained() override {}

  void onSecured(std::unique_ptr<Transport> transport) override;
  void onHandshakeFailed(const Error& error) override;

  // The spare connection.
  void send(Bytes data) override;
  void sendEnd() override { dropSpare(); }
  size_t pending() const override { return 0; }
  void pause() override {}
  void resume() override {}
  void onTunnelEnd(Transport::CloseMode) override { dropSpare(); }
  const PeerInfo& peer() const override { return transport_->peer(); }
  std::string introduction(policy::ProxyProtocol version, const Address& to) const override;
  void giveUpSpare() override { dropSpare(); }

  const exchange::ReceptionSettings& settings() const { return receptionist_.reception(transport_->peer()); }
  bool takesTcp() const { return receptionist_.takesTcp(transport_->peer()); }
  bool takesTls() const { return settings().tls != nullptr && home_.tls() != nullptr && !secured_; }
  bool mayBeServerFirst() const;
  void awaitFirst();
  bool takeIntroduction();
  void look();
  void judge(wire::Verdict verdict);
  void lookForProbe(wire::Verdict verdict);
  void wait();
  void secure();
  void openSpare();
  void dropSpare();
  template <class Connection>
  void become(Detection verdict);
  /// nullptr: refused.
  DownstreamConnection* becomeTunnel(Detection verdict);
  void refuse();
  void die();
  void onTimer();

  DownstreamHome& home_;
  Receptionist& receptionist_;
  const ServingRules& rules_;
  std::unique_ptr<Transport> transport_;  // away while hands are shaken
  std::unique_ptr<Handshake> handshake_;
  std::shared_ptr<const TlsServerSettings> tls_;  // that hands are shaken under
  std::unique_ptr<exchange::Tunnel> spare_;
  std::string seen_;  // what has come while nothing could be told from it
  Bytes data_;        // all that has come, during a callback
  Instant deadline_{};
  Phase phase_ = Phase::Looking;
  bool secured_ = false;
  Timer<Arrival, &Arrival::onTimer> timer_{*this};
};

}  // namespace outrigger::server
