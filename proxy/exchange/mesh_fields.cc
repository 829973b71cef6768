#include "proxy/exchange/mesh_fields.h"

#include <algorithm>

#include "proxy/exchange/reply_table.h"

namespace outrigger::exchange {

using http::Field;
using http::FieldList;
using http::Header;

namespace {

constexpr uint64_t kMostMilliseconds = kLongestSetting / 1ms;
constexpr uint64_t kMostAttempts = 1000;
constexpr Bytes kYes = "1";
constexpr Bytes kDraining = "draining";
constexpr Bytes kDeadlineExceeded = "deadline-exceeded";

std::optional<Duration> parseTimeoutMs(Bytes text) {
  const auto milliseconds = parseDecimal(text, kMostMilliseconds);
  return milliseconds ? std::optional<Duration>(std::chrono::milliseconds(*milliseconds)) : std::nullopt;
}

std::optional<Duration> grpcUnit(char unit) {
  switch (unit) {
    case 'H': return 1h;
    case 'M': return 1min;
    case 'S': return 1s;
    case 'm': return 1ms;
    case 'u': return 1us;
    case 'n': return 1ns;
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<Duration> parseGrpcTimeout(Bytes text) {
  constexpr size_t kMostDigits = 8;
  if (text.size() < 2 || text.size() > kMostDigits + 1) return std::nullopt;
  const auto unit = grpcUnit(text.back());
  const auto count = parseDecimal(text.substr(0, text.size() - 1), 99'999'999);
  if (!unit || !count) return std::nullopt;
  return std::min<Duration>(*unit * static_cast<int64_t>(std::min<uint64_t>(*count, kLongestSetting / *unit)),
                            kLongestSetting);
}

Bytes grpcTimeoutText(Duration left, Arena& arena) {
  const auto milliseconds = std::clamp<int64_t>(wholeMilliseconds(left), 1, 99'999'999);
  return arena.join(arena.number(static_cast<uint64_t>(milliseconds)), Bytes("m"));
}

CallersWord callersWord(const FieldList& fields) {
  CallersWord word;
  for (const Field& field : fields) {
    if (field.id == Header::OutriggerTimeoutMs) {
      if (const auto left = parseTimeoutMs(field.value)) word.left = std::min(word.left, *left);
    } else if (field.id == Header::GrpcTimeout) {
      if (const auto left = parseGrpcTimeout(field.value)) word.grpcLeft = std::min(word.grpcLeft, *left);
    } else if (field.id == Header::OutriggerAttempt) {
      const auto attempt = parseDecimal(field.value, kMostAttempts);
      if (attempt && *attempt > 1) word.attempt = static_cast<uint32_t>(*attempt);
    }
  }
  word.left = std::min(word.left, word.grpcLeft);
  return word;
}

Marks marksOf(const FieldList& fields, uint16_t status) {
  const bool refusal = status == 503 || status == 429;
  return {.notForwarded = refusal && fields.value(Header::OutriggerNotForwarded) == kYes,
          .noRetry = fields.value(Header::OutriggerNoRetry) == kYes,
          .draining = refusal && believedReason(fields) == kDraining,
          .deadlineExceeded = status == 504 && believedReason(fields) == kDeadlineExceeded};
}

void addMarks(FieldList& fields, const Marks& marks) {
  if (marks.notForwarded) fields.add(Header::OutriggerNotForwarded, kYes);
  if (marks.noRetry) fields.add(Header::OutriggerNoRetry, kYes);
}

Bytes believedReason(const FieldList& fields) {
  const Bytes word = fields.value(Header::OutriggerReason);
  return !word.empty() && reasonOf(word) ? word : Bytes();
}

}  // namespace outrigger::exchange
