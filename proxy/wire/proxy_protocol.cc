#include "proxy/wire/proxy_protocol.h"

#include <algorithm>
#include <array>

namespace outrigger::wire {
namespace {

using Reading = Result<std::optional<ReadProxyHeader>>;

constexpr Bytes kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr Bytes kLineStart = "PROXY ";
constexpr size_t kFixedPart = 16;  // of version 2

std::unexpected<Error> malformed(const char* why) {
  return std::unexpected(downstreamError(Reason::Malformed, why));
}

uint8_t octetAt(Bytes data, size_t at) {
  return static_cast<uint8_t>(data[at]);
}

uint16_t numberAt(Bytes data, size_t at) {
  return static_cast<uint16_t>(octetAt(data, at) << 8 | octetAt(data, at + 1));
}

// ---- Version 1: PROXY SP TCP4|TCP6 SP source SP destination SP port SP port CRLF

std::optional<Bytes> nextWord(Bytes& line) {
  const size_t end = line.find(' ');
  if (end == 0 || line.empty()) return std::nullopt;
  const Bytes word = line.substr(0, end);
  line.remove_prefix(end == Bytes::npos ? line.size() : end + 1);
  return word;
}

std::optional<Address> addressOf(Bytes host, Bytes port, bool six) {
  const bool padded = port.size() > 1 && port.front() == '0';
  if (padded || (host.find(':') != Bytes::npos) != six) return std::nullopt;
  std::string text(six ? "[" : "");
  text.append(host).append(six ? "]:" : ":").append(port);
  const auto address = Address::parse(text);
  return address ? std::optional(*address) : std::nullopt;
}

Reading readLine(Bytes line, size_t size) {
  const bool spaceAtEnd = line.ends_with(' ');
  const auto protocol = nextWord(line);
  if (protocol == "UNKNOWN") return ReadProxyHeader{.header = {.local = true}, .size = size};
  const bool six = protocol == "TCP6";
  if (!six && protocol != "TCP4") return malformed("a PROXY header must name TCP4, TCP6 or UNKNOWN");
  std::array<Bytes, 4> words;
  for (Bytes& word : words) {
    const auto next = nextWord(line);
    if (!next) return malformed("a PROXY header must have two addresses and two ports, with one space between each");
    word = *next;
  }
  if (!line.empty() || spaceAtEnd) return malformed("a PROXY header must end behind its second port");
  const auto source = addressOf(words[0], words[2], six);
  const auto destination = addressOf(words[1], words[3], six);
  if (!source || !destination) return malformed("a PROXY header holds an address that is not of its protocol");
  return ReadProxyHeader{.header = {.local = false, .source = *source, .destination = *destination}, .size = size};
}

Reading readV1(Bytes first) {
  const Bytes within = first.substr(0, kLongestProxyLine);
  const size_t end = within.find('\n');
  const Bytes line = within.substr(0, end);
  // A carriage return stands before the line feed and nowhere else.
  const size_t firstReturn = line.find('\r');
  if (firstReturn != Bytes::npos && firstReturn + 1 != line.size())
    return malformed("a PROXY header must end with CRLF");
  if (end == Bytes::npos) {
    if (first.size() >= kLongestProxyLine) return malformed("a PROXY header of version 1 has at most 107 octets");
    return std::nullopt;
  }
  if (firstReturn == Bytes::npos) return malformed("a PROXY header must end with CRLF");
  return readLine(line.substr(kLineStart.size(), firstReturn - kLineStart.size()), end + 1);
}

// ---- Version 2: signature, version and command, family, length, addresses, then TLVs

// CRC-32C (RFC 9260 appendix A) of `data`, in which the four octets at `hole` count as zeros.
uint32_t checksum(Bytes data, size_t hole) {
  uint32_t crc = ~0U;
  for (size_t i = 0; i < data.size(); ++i) {
    const bool inHole = i >= hole && i < hole + 4;
    crc ^= inHole ? 0U : octetAt(data, i);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

// What stands behind the addresses: type, length, value. nullptr: all is well.
const char* faultOfTlvs(Bytes header, size_t at) {
  constexpr uint8_t kChecksum = 3;
  while (at < header.size()) {
    if (header.size() - at < 3) return "a PROXY header ends in the middle of an extension";
    const size_t length = numberAt(header, at + 1);
    const size_t value = at + 3;
    if (header.size() - value < length) return "an extension of a PROXY header is longer than the header";
    if (octetAt(header, at) == kChecksum) {
      if (length != 4) return "the checksum of a PROXY header must have 4 octets";
      const uint32_t told = uint32_t{numberAt(header, value)} << 16 | numberAt(header, value + 2);
      if (told != checksum(header, value)) return "the checksum of a PROXY header does not fit";
    }
    at = value + length;
  }
  return nullptr;
}

Address ipv4At(Bytes header, size_t at, size_t port) {
  std::array<uint8_t, 4> octets;
  for (size_t i = 0; i < octets.size(); ++i) octets[i] = octetAt(header, at + i);
  return Address::ipv4(octets, numberAt(header, port));
}

Address ipv6At(Bytes header, size_t at, size_t port) {
  std::array<uint8_t, 16> octets;
  for (size_t i = 0; i < octets.size(); ++i) octets[i] = octetAt(header, at + i);
  return Address::ipv6(octets, numberAt(header, port));
}

// A path ends at its first NUL; a socket without a name has none.
Address unixAt(Bytes header, size_t at) {
  const Bytes room = header.substr(at, 108);
  return Address::unixPath(std::string(room.substr(0, room.find('\0'))));
}

Reading readAddresses(Bytes header) {
  constexpr uint8_t kUnspecified = 0x00;
  constexpr uint8_t kTcp4 = 0x11;
  constexpr uint8_t kTcp6 = 0x21;
  constexpr uint8_t kUnixStream = 0x31;
  const uint8_t family = octetAt(header, 13);
  size_t need = 0;
  if (family == kTcp4) need = 12;
  if (family == kTcp6) need = 36;
  if (family == kUnixStream) need = 216;
  if (need == 0 && family != kUnspecified) return malformed("a PROXY header must be of TCP or of a unix stream");
  if (header.size() < kFixedPart + need) return malformed("a PROXY header is too short for its addresses");
  // Where nothing is specified the rest may be anything.
  const char* fault = family == kUnspecified ? nullptr : faultOfTlvs(header, kFixedPart + need);
  if (fault != nullptr) return malformed(fault);
  ProxyHeader told{.local = family == kUnspecified};
  const size_t at = kFixedPart;
  if (family == kTcp4) {
    told.source = ipv4At(header, at, at + 8);
    told.destination = ipv4At(header, at + 4, at + 10);
  } else if (family == kTcp6) {
    told.source = ipv6At(header, at, at + 32);
    told.destination = ipv6At(header, at + 16, at + 34);
  } else if (family == kUnixStream) {
    told.source = unixAt(header, at);
    told.destination = unixAt(header, at + 108);
  }
  return ReadProxyHeader{.header = told, .size = header.size()};
}

Reading readV2(Bytes first) {
  constexpr uint8_t kLocal = 0x20;
  constexpr uint8_t kProxy = 0x21;
  if (first.size() > 12 && octetAt(first, 12) != kLocal && octetAt(first, 12) != kProxy) {
    return malformed("a PROXY header of a version or command that does not exist");
  }
  if (first.size() < kFixedPart) return std::nullopt;
  const size_t size = kFixedPart + numberAt(first, 14);
  if (size > kLongestProxyHeader) return malformed("a PROXY header has at most 536 octets");
  if (first.size() < size) return std::nullopt;
  if (octetAt(first, 12) == kLocal) return ReadProxyHeader{.header = {.local = true}, .size = size};
  return readAddresses(first.substr(0, size));
}

// ---- Writing

void append16(std::string& out, size_t number) {
  out.push_back(static_cast<char>(number >> 8));
  out.push_back(static_cast<char>(number & 0xff));
}

void appendOctets(std::string& out, const Address& address) {
  const size_t count = address.family() == Address::Family::Ipv4 ? 4 : 16;
  for (size_t i = 0; i < count; ++i) out.push_back(static_cast<char>(address.octets()[i]));
}

bool sameIpFamily(const Address& a, const Address& b) {
  return a.isIp() && a.family() == b.family();
}

}  // namespace

Reading readProxyHeader(Bytes first) {
  if (first.starts_with(kSignature)) return readV2(first);
  if (first.starts_with(kLineStart)) return readV1(first);
  if (kSignature.starts_with(first) || kLineStart.starts_with(first)) return std::nullopt;
  return malformed("the connection does not begin with a PROXY header");
}

std::string proxyHeaderV1(const Address& source, const Address& destination) {
  const Address from = source.unmapped();
  const Address to = destination.unmapped();
  if (!sameIpFamily(from, to)) return "PROXY UNKNOWN\r\n";
  std::string line = from.family() == Address::Family::Ipv4 ? "PROXY TCP4 " : "PROXY TCP6 ";
  line += from.hostText() + " " + to.hostText() + " ";
  line += std::to_string(from.port()) + " " + std::to_string(to.port()) + "\r\n";
  return line;
}

std::string proxyHeaderV2(const Address& source, const Address& destination) {
  const Address from = source.unmapped();
  const Address to = destination.unmapped();
  std::string header(kSignature);
  header.push_back(0x21);
  if (!sameIpFamily(from, to)) {
    header.push_back(0);
    append16(header, 0);
    return header;
  }
  const bool four = from.family() == Address::Family::Ipv4;
  header.push_back(four ? 0x11 : 0x21);
  append16(header, four ? 12 : 36);
  appendOctets(header, from);
  appendOctets(header, to);
  append16(header, from.port());
  append16(header, to.port());
  return header;
}

}  // namespace outrigger::wire
