// A caller's connection whose octets are passed on as they are: the caller's end of an exchange::Tunnel. Lifetime and
// thread: DownstreamConnection.
#pragma once

#include <memory>
#include <string>

#include "proxy/exchange/tunnel.h"
#include "proxy/server/downstream_connection.h"

namespace outrigger::server {

class TcpDownstream final : public DownstreamConnection, private exchange::TunnelCaller {
 public:
  /// `home` outlives it.
  TcpDownstream(DownstreamHome& home, std::unique_ptr<Transport> transport, std::unique_ptr<exchange::Tunnel> tunnel);

  /// Once it stands in its home: opens the tunnel, or takes over one that is open. `first` has been read already.
  void begin(bool open, Bytes first);

  /// Nobody can tell whether a tunnel is idle: it goes on until the grace of a drain is over.
  void closeIfIdle() override {}
  void close() override { tunnel_->cut(Reason::Draining); }

  void send(Bytes data) override;
  void sendEnd() override { transport_->shutdown(); }

 private:
  void onBytes(Bytes data) override { tunnel_->onCallerBytes(data); }
  void onEnd() override { tunnel_->onCallerEnd(); }
  void onLost(const char*) override { tunnel_->onCallerLost(); }
  void onDrained() override { tunnel_->onCallerDrained(); }

  size_t pending() const override { return transport_->queued(); }
  void pause() override { transport_->pause(); }
  void resume() override { transport_->resume(); }
  void onTunnelEnd(Transport::CloseMode mode) override;
  const PeerInfo& peer() const override { return transport_->peer(); }
  std::string introduction(policy::ProxyProtocol version, const Address& to) const override;

  DownstreamHome& home_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<exchange::Tunnel> tunnel_;
};

/// The PROXY header that tells `to` about `peer`.
std::string proxyHeader(policy::ProxyProtocol version, const PeerInfo& peer, const Address& to);

}  // namespace outrigger::server
