#include "control/redirect/listing.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <sstream>

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

// Calls each(line) for every line.
template <class Each>
void forEachLine(Bytes text, const Each& each) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    each(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

struct Socket {
  uint16_t local = 0;
  uint16_t remote = 0;
  bool open = false;
};

// "   0: 0100007F:3AFD 0100007F:A1B2 01 ...": addresses with their ports, and the state, all in hexadecimal.
std::optional<Socket> readSocket(Bytes line) {
  constexpr unsigned kTimeWait = 6;
  constexpr unsigned kClose = 7;
  constexpr unsigned kListen = 10;
  std::istringstream words{std::string(line)};
  std::string number;
  std::string local;
  std::string remote;
  unsigned state = 0;
  if (!(words >> number >> local >> remote >> std::hex >> state)) return std::nullopt;
  const auto portOf = [](const std::string& address) {
    return static_cast<uint16_t>(std::strtoul(address.c_str() + address.find(':') + 1, nullptr, 16));
  };
  return Socket{portOf(local), portOf(remote), state != kTimeWait && state != kClose && state != kListen};
}

bool holds(const std::vector<uint16_t>& ports, uint64_t port) {
  return std::ranges::find(ports, port) != ports.end();
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

size_t redirectedConnections(Bytes conntrack, Bytes sockets, const std::vector<uint16_t>& ports) {
  std::vector<uint16_t> callers;  // their ports
  forEachLine(sockets, [&](Bytes line) {
    const auto socket = readSocket(line);
    if (socket && socket->open && holds(ports, socket->local)) callers.push_back(socket->remote);
  });
  size_t count = 0;
  forEachLine(conntrack, [&](Bytes line) {
    const auto askedAt = valuesOf(line, " dport=");
    const auto sources = valuesOf(line, " sport=");
    if (line.find(" tcp ") == Bytes::npos || askedAt.empty() || sources.size() < 2) return;
    const auto caller = parseDecimal(sources[0], 65535);
    const auto answering = parseDecimal(sources[1], 65535);
    const bool redirected = caller && answering && askedAt[0] != sources[1] && holds(ports, *answering);
    if (redirected && holds(callers, *caller)) ++count;
  });
  return count;
}

}  // namespace outrigger::control::redirect
