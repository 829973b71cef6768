#include "control/doctor/sockets.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace outrigger::control::doctor {
namespace {

std::optional<uint32_t> hexNumber(Bytes text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "0100007F:3AFD": words of 32 bits in the machine's order, which is little-endian here, and the port.
std::optional<Address> readAddress(Bytes text) {
  const size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  const auto port = hexNumber(text.substr(colon + 1));
  std::array<uint8_t, 16> octets{};
  for (size_t at = 0; at < colon; at += 8) {
    const auto number = hexNumber(text.substr(at, 8));
    if (!number) return std::nullopt;
    for (size_t i = 0; i < 4; ++i) octets[at / 2 + i] = static_cast<uint8_t>(*number >> (8 * i));
  }
  if (!port) return std::nullopt;
  const auto port16 = static_cast<uint16_t>(*port);
  if (colon == 32) return Address::ipv6(octets, port16);
  return Address::ipv4({octets[0], octets[1], octets[2], octets[3]}, port16);
}

template <class Each>
void forEachRow(Bytes table, const Each& each) {
  std::istringstream lines{std::string(table)};
  std::string line;
  std::getline(lines, line);  // the titles
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    each(words);
  }
}

}  // namespace

// "sl: local remote state tx:rx tr:when retransmits uid timeout inode ..."
std::vector<Listening> listeningTcp(Bytes table) {
  std::vector<Listening> found;
  forEachRow(table, [&](std::istringstream& words) {
    std::string skip;
    std::string local;
    std::string state;
    uint32_t uid = 0;
    uint64_t inode = 0;
    words >> skip >> local >> skip >> state >> skip >> skip >> skip >> uid >> skip >> inode;
    const auto address = readAddress(local);
    if (words && state == "0A" && address) found.push_back({*address, inode, uid});
  });
  return found;
}

// "num: references protocol flags type state inode path"; the flag 0x10000 says that it listens.
std::vector<Listening> listeningUnix(Bytes table) {
  constexpr uint32_t kListens = 0x10000;
  std::vector<Listening> found;
  forEachRow(table, [&](std::istringstream& words) {
    std::string skip;
    std::string flags;
    std::string path;
    uint64_t inode = 0;
    words >> skip >> skip >> skip >> flags >> skip >> skip >> inode >> path;
    if (words && (hexNumber(flags).value_or(0) & kListens) != 0) {
      found.push_back({Address::unixPath(path), inode, std::nullopt});
    }
  });
  return found;
}

bool overlap(const Address& a, const Address& b) {
  if (!a.isIp() || !b.isIp()) return a == b;
  if (a.port() != b.port()) return false;
  const auto covers = [](const Address& wildcard, const Address& other) {
    return wildcard.isWildcard() && (wildcard.family() == Address::Family::Ipv6 || wildcard.family() == other.family());
  };
  return a.unmapped() == b.unmapped() || covers(a, b) || covers(b, a);
}

std::optional<Listening> inTheWayOf(Machine& machine, const Address& address) {
  std::vector<Listening> all;
  if (address.isIp()) {
    all = listeningTcp(machine.read("/proc/net/tcp").value_or(""));
    std::ranges::copy(listeningTcp(machine.read("/proc/net/tcp6").value_or("")), std::back_inserter(all));
  } else {
    all = listeningUnix(machine.read("/proc/net/unix").value_or(""));
  }
  const auto found = std::ranges::find_if(all, [&](const Listening& one) { return overlap(one.address, address); });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

std::optional<Process> holderOf(Machine& machine, const Listening& socket, const std::vector<Process>& processes) {
  const std::string wanted = "socket:[" + std::to_string(socket.inode) + "]";
  for (const Process& process : processes) {
    const std::string folder = "/proc/" + std::to_string(process.pid) + "/fd";
    for (const std::string& number : machine.list(folder)) {
      if (machine.linkTarget(folder + "/" + number) == wanted) return process;
    }
  }
  return std::nullopt;
}

}  // namespace outrigger::control::doctor
