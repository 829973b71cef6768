#include "proxy/exchange/destination.h"

#include "proxy/http/host.h"
#include "proxy/http/upgrade.h"

namespace outrigger::exchange {
namespace {

constexpr uint16_t kHttpPort = 80;

}  // namespace

std::optional<Address> destinationOf(const http::RequestHead& request, const PeerInfo& peer, Direction direction) {
  if (isRedirected(peer)) return peer.destination;
  const bool tunnel = http::asksForTunnel(request);
  if (direction != Direction::Outbound || (!request.absoluteForm && !tunnel)) return std::nullopt;
  const auto authority = http::parseHost(request.authority);
  if (!authority) return std::nullopt;
  const uint16_t port = authority->port != 0 || tunnel ? authority->port : kHttpPort;
  const bool v6 = authority->bracketed;
  const std::string host(authority->host);
  const auto address = Address::parse((v6 ? "[" + host + "]" : host) + ":" + std::to_string(port));
  if (address) return *address;
  return std::nullopt;
}

}  // namespace outrigger::exchange
