#include "proxy/net/name_lookup.h"

#include <ares.h>

#include <algorithm>
#include <cstring>

#include "proxy/net/socket_address.h"

namespace outrigger::net {
namespace {

constexpr size_t kMostAddresses = 4'096;

Address addressOf(const ares_addrinfo_node& node) {
  SocketAddress raw;
  if (node.ai_addrlen > sizeof raw.storage) return {};
  std::memcpy(&raw.storage, node.ai_addr, node.ai_addrlen);
  raw.size = node.ai_addrlen;
  return fromSocketAddress(raw);
}

}  // namespace

int NameLookup::takeAddresses(const ares_addrinfo& answer) {
  int ttl = INT32_MAX;
  for (const ares_addrinfo_cname* at = answer.cnames; at != nullptr; at = at->next) ttl = std::min(ttl, at->ttl);
  for (const ares_addrinfo_node* at = answer.nodes; at != nullptr; at = at->ai_next) {
    ttl = std::min(ttl, at->ai_ttl);
    const Resolved::Place place{.address = addressOf(*at).withPort(port_)};
    if (!place.address.isIp() || found_.places.size() == kMostAddresses) continue;
    if (std::ranges::find(found_.places, place) == found_.places.end()) found_.places.push_back(place);
  }
  found_.ttl = std::chrono::seconds(std::max(ttl, 0));
  return found_.places.empty() ? ARES_ENODATA : ARES_SUCCESS;
}

void NameLookup::onAnswered(int status) {
  if (status == ARES_SUCCESS) return sink_.onResolved(std::move(found_));
  sink_.onResolveFailed(resolveError(status));
}

}  // namespace outrigger::net
