#include "control/redirect/listing.h"

#include <algorithm>

#include "control/redirect/iptables.h"
#include "control/redirect/nftables.h"

namespace outrigger::control::redirect {
namespace {

constexpr Bytes kElements = "elements = {";
constexpr Bytes kToPorts = "--to-ports ";
constexpr Bytes kDigits = "0123456789";

// The value behind each `name` in the line, in order: first as the connection was begun, then as answers to it come.
std::vector<Bytes> valuesOf(Bytes line, Bytes name) {
  std::vector<Bytes> values;
  for (size_t at = line.find(name); at != Bytes::npos; at = line.find(name, at)) {
    at += name.size();
    values.push_back(line.substr(at, line.find(' ', at) - at));
  }
  return values;
}

void addNumbers(std::vector<uint16_t>& numbers, Bytes text) {
  while (true) {
    const size_t at = text.find_first_of(kDigits);
    if (at == Bytes::npos) return;
    const size_t end = std::min(text.find_first_not_of(kDigits, at), text.size());
    const auto number = parseDecimal(text.substr(at, end - at), 65535);
    const bool isNew = number && std::ranges::find(numbers, *number) == numbers.end();
    if (isNew) numbers.push_back(static_cast<uint16_t>(*number));
    text.remove_prefix(end);
  }
}

bool isOpen(Bytes line) {
  return line.find(" tcp ") != Bytes::npos && line.find(" TIME_WAIT ") == Bytes::npos &&
         line.find(" CLOSE ") == Bytes::npos;
}

}  // namespace

std::vector<uint16_t> listenerPorts(Bytes listing) {
  std::vector<uint16_t> ports;
  const size_t set = listing.find("set " + std::string(kListenersSet) + " {");
  if (const size_t begin = listing.find(kElements, set); set != Bytes::npos && begin != Bytes::npos) {
    const Bytes elements = listing.substr(begin + kElements.size());
    addNumbers(ports, elements.substr(0, elements.find('}')));
  }
  for (size_t at = listing.find(kToPorts); at != Bytes::npos; at = listing.find(kToPorts, at + 1)) {
    const Bytes rest = listing.substr(at + kToPorts.size());
    addNumbers(ports, rest.substr(0, rest.find('\n')));
  }
  return ports;
}

bool redirects(Bytes listing) {
  if (listing.find("redirect to :") != Bytes::npos) return true;
  const std::string inert = "-A " + std::string(kOutboundChain) + " -j RETURN\n";
  return listing.find(kToPorts) != Bytes::npos && listing.find(inert) == Bytes::npos;
}

size_t redirectedConnections(Bytes conntrack, const std::vector<uint16_t>& ports) {
  size_t count = 0;
  while (!conntrack.empty()) {
    const size_t end = std::min(conntrack.find('\n'), conntrack.size() - 1);
    const Bytes line = conntrack.substr(0, end + 1);
    conntrack.remove_prefix(end + 1);
    const auto asked = valuesOf(line, " dport=");
    const auto answered = valuesOf(line, " sport=");
    if (!isOpen(line) || asked.empty() || answered.size() < 2 || asked[0] == answered[1]) continue;
    const auto port = parseDecimal(answered[1], 65535);
    if (port && std::ranges::find(ports, *port) != ports.end()) ++count;
  }
  return count;
}

}  // namespace outrigger::control::redirect
