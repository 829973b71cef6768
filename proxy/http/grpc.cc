#include "proxy/http/grpc.h"

#include <algorithm>

namespace outrigger::http {
namespace {

struct Row {
  Bytes word;
  uint16_t http;
};

// In the order of the enum.
constexpr std::array<Row, kGrpcStatusCount> kRows{{
    {"OK", 200},
    {"CANCELLED", 499},
    {"UNKNOWN", 500},
    {"INVALID_ARGUMENT", 400},
    {"DEADLINE_EXCEEDED", 504},
    {"NOT_FOUND", 404},
    {"ALREADY_EXISTS", 409},
    {"PERMISSION_DENIED", 403},
    {"RESOURCE_EXHAUSTED", 429},
    {"FAILED_PRECONDITION", 400},
    {"ABORTED", 409},
    {"OUT_OF_RANGE", 400},
    {"UNIMPLEMENTED", 501},
    {"INTERNAL", 500},
    {"UNAVAILABLE", 503},
    {"DATA_LOSS", 500},
    {"UNAUTHENTICATED", 401},
}};

constexpr Bytes kPushback = "grpc-retry-pushback-ms";
constexpr uint8_t kPrefixSize = 5;

bool standsForItself(unsigned char octet) {
  return octet >= 0x20 && octet <= 0x7e && octet != '%';
}

}  // namespace

bool isGrpcContentType(Bytes contentType) {
  if (!startsWithIgnoreCase(contentType, kGrpcContentType)) return false;
  const Bytes rest = contentType.substr(kGrpcContentType.size());
  return rest.empty() || rest.front() == '+' || rest.front() == ';' || rest.front() == ' ';
}

Bytes grpcStatusWord(GrpcStatus status) {
  return kRows[static_cast<size_t>(status)].word;
}

GrpcStatus parseGrpcStatus(Bytes text) {
  const auto number = parseDecimal(text, kGrpcStatusCount - 1);
  return number ? static_cast<GrpcStatus>(*number) : GrpcStatus::Unknown;
}

std::optional<GrpcStatus> statedGrpcStatus(const FieldList& fields) {
  const Field* field = fields.find(Header::GrpcStatus);
  return field == nullptr ? std::nullopt : std::optional(parseGrpcStatus(field->value));
}

GrpcStatus grpcStatusOfHttp(uint16_t status) {
  switch (status) {
    case 400: return GrpcStatus::Internal;
    case 401: return GrpcStatus::Unauthenticated;
    case 403: return GrpcStatus::PermissionDenied;
    case 404: return GrpcStatus::Unimplemented;
    case 429:
    case 502:
    case 503:
    case 504: return GrpcStatus::Unavailable;
    default: return GrpcStatus::Unknown;
  }
}

uint16_t httpStatusOfGrpc(GrpcStatus status) {
  return kRows[static_cast<size_t>(status)].http;
}

Bytes encodeGrpcMessage(Bytes text, Arena& arena) {
  if (std::ranges::all_of(text, standsForItself)) return text;
  constexpr Bytes kDigits = "0123456789ABCDEF";
  char* const start = static_cast<char*>(arena.allocate(text.size() * 3, 1));
  char* at = start;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (standsForItself(octet)) {
      *at++ = c;
      continue;
    }
    *at++ = '%';
    *at++ = kDigits[octet >> 4];
    *at++ = kDigits[octet & 15];
  }
  return {start, static_cast<size_t>(at - start)};
}

std::optional<GrpcPushback> grpcPushback(const FieldList& fields) {
  const Field* field = fields.find(kPushback);
  if (field == nullptr) return std::nullopt;
  const auto milliseconds =
      parseDecimal(field->value, static_cast<uint64_t>(kLongestSetting / std::chrono::milliseconds(1)));
  if (!milliseconds) return GrpcPushback{};
  return GrpcPushback{std::chrono::milliseconds(*milliseconds)};
}

void GrpcMessages::feed(Bytes data) {
  while (!data.empty()) {
    if (left_ > 0) {
      const auto part = static_cast<size_t>(std::min<uint64_t>(left_, data.size()));
      left_ -= part;
      data.remove_prefix(part);
      continue;
    }
    if (prefix_ > 0) length_ = length_ << 8 | static_cast<unsigned char>(data.front());
    data.remove_prefix(1);
    if (++prefix_ < kPrefixSize) continue;
    left_ = length_;
    prefix_ = 0;
    length_ = 0;
  }
}

}  // namespace outrigger::http
