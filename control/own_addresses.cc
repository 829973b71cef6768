#include "control/own_addresses.h"

namespace outrigger::control {

std::vector<Address> ownAddresses(const std::map<std::string, Address>& listeners,
                                  const std::vector<Address>& machine) {
  std::vector<Address> own;
  for (const auto& [name, listener] : listeners) {
    if (!listener.isIp()) continue;
    if (!listener.isWildcard()) {
      own.push_back(listener.unmapped());
      continue;
    }
    const bool both = listener.family() == Address::Family::Ipv6;
    for (const Address& address : machine) {
      if (both || address.family() == Address::Family::Ipv4) own.push_back(address.withPort(listener.port()));
    }
  }
  return own;
}

}  // namespace outrigger::control
