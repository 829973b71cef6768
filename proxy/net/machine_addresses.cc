#include "proxy/net/machine_addresses.h"

#include <uv.h>

#include <cstring>
#include <span>

#include "proxy/net/socket_address.h"

namespace outrigger::net {

std::vector<Address> machineAddresses() {
  uv_interface_address_t* found = nullptr;
  int count = 0;
  if (uv_interface_addresses(&found, &count) != 0) return {};
  std::vector<Address> addresses;
  for (const uv_interface_address_t& interface : std::span(found, static_cast<size_t>(count))) {
    SocketAddress address;
    std::memcpy(&address.storage, &interface.address, sizeof interface.address);
    addresses.push_back(fromSocketAddress(address).withPort(0));
  }
  uv_free_interface_addresses(found, count);
  return addresses;
}

}  // namespace outrigger::net
