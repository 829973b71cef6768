#include "proxy/server/tcp_downstream.h"

#include "proxy/wire/proxy_protocol.h"

namespace outrigger::server {

TcpDownstream::TcpDownstream(DownstreamHome& home, std::unique_ptr<Transport> transport,
                             std::unique_ptr<exchange::Tunnel> tunnel)
    : home_(home), transport_(std::move(transport)), tunnel_(std::move(tunnel)) {}

void TcpDownstream::begin(bool open, Bytes first) {
  transport_->attach(*this);
  if (open) {
    tunnel_->open(*this, false);
  } else {
    tunnel_->take(*this);
  }
  if (!first.empty()) tunnel_->onCallerBytes(first);
}

void TcpDownstream::send(Bytes data) {
  transport_->write(std::span(&data, 1));
}

void TcpDownstream::onTunnelEnd(Transport::CloseMode mode) {
  transport_->close(mode);
  home_.onClosed(*this);
}

std::string TcpDownstream::introduction(policy::ProxyProtocol version, const Address& to) const {
  return proxyHeader(version, peer(), to);
}

std::string proxyHeader(policy::ProxyProtocol version, const PeerInfo& peer, const Address& to) {
  const bool first = version == policy::ProxyProtocol::V1;
  return first ? wire::proxyHeaderV1(peer.address, to) : wire::proxyHeaderV2(peer.address, to);
}

}  // namespace outrigger::server
