#include "proxy/upstream/grpc_health.h"

#include <array>
#include <optional>

namespace outrigger::upstream {
namespace {

constexpr size_t kPrefix = 5;
constexpr size_t kMostAnswer = 1024;  // two octets are usual; what a later version adds has room
constexpr uint64_t kServing = 1;
constexpr uint32_t kFieldOne = 1;

// Wire types (protobuf's encoding guide). Groups are long gone, and are no answer to this.
enum class Wire : uint8_t { Varint = 0, Fixed64 = 1, Length = 2, Fixed32 = 5 };

void putVarint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  out.push_back(static_cast<char>(value));
}

// Takes a number from the front. nullopt: it does not end, or is larger than 64 bits.
std::optional<uint64_t> takeVarint(Bytes& from) {
  constexpr unsigned kMostShift = 63;
  uint64_t value = 0;
  for (unsigned shift = 0; shift <= kMostShift && !from.empty(); shift += 7) {
    const auto octet = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    if (shift == kMostShift && octet > 1) return std::nullopt;
    value |= static_cast<uint64_t>(octet & 0x7f) << shift;
    if (octet < 0x80) return value;
  }
  return std::nullopt;
}

bool skip(Bytes& from, uint64_t count) {
  if (count > from.size()) return false;
  from.remove_prefix(static_cast<size_t>(count));
  return true;
}

bool skipValue(Bytes& from, uint64_t wire) {
  switch (static_cast<Wire>(wire)) {
    case Wire::Varint: return takeVarint(from).has_value();
    case Wire::Fixed64: return skip(from, 8);
    case Wire::Fixed32: return skip(from, 4);
    case Wire::Length: {
      const auto length = takeVarint(from);
      return length && skip(from, *length);
    }
  }
  return false;
}

// The status that a HealthCheckResponse holds; 0, which is UNKNOWN, where it says nothing. Of several the last counts.
std::optional<uint64_t> readStatus(Bytes message) {
  uint64_t status = 0;
  while (!message.empty()) {
    const auto tag = takeVarint(message);
    if (!tag || *tag >> 3 == 0) return std::nullopt;
    const uint64_t wire = *tag & 7;
    if (*tag >> 3 == kFieldOne && wire == static_cast<uint64_t>(Wire::Varint)) {
      const auto value = takeVarint(message);
      if (!value) return std::nullopt;
      status = *value;
    } else if (!skipValue(message, wire)) {
      return std::nullopt;
    }
  }
  return status;
}

// The one message of the body, uncompressed.
std::optional<Bytes> messageOf(Bytes body) {
  if (body.size() < kPrefix || body.front() != '\0') return std::nullopt;
  uint64_t length = 0;
  for (const char octet : body.substr(1, kPrefix - 1)) length = length << 8 | static_cast<unsigned char>(octet);
  if (body.size() - kPrefix != length) return std::nullopt;
  return body.substr(kPrefix);
}

}  // namespace

std::string grpcHealthRequest(Bytes service) {
  std::string message;
  if (!service.empty()) {
    putVarint(message, kFieldOne << 3 | static_cast<uint32_t>(Wire::Length));
    putVarint(message, service.size());
    message += service;
  }
  std::string body(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) body.push_back(static_cast<char>(message.size() >> shift & 0xff));
  return body + message;
}

bool GrpcHealthAnswer::feed(Bytes data) {
  if (data.size() > kMostAnswer - body_.size()) return false;
  body_ += data;
  return true;
}

std::string GrpcHealthAnswer::failure(http::GrpcStatus status) const {
  constexpr std::array<Bytes, 4> kWords{"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
  if (status != http::GrpcStatus::Ok) return "grpc-status " + std::string(http::grpcStatusWord(status));
  const auto message = messageOf(body_);
  const auto serving = message ? readStatus(*message) : std::nullopt;
  if (!serving) return "no HealthCheckResponse";
  if (*serving == kServing) return {};
  return std::string(*serving < kWords.size() ? kWords[*serving] : Bytes("an unknown status"));
}

}  // namespace outrigger::upstream
