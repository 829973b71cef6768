#include "proxy/exchange/trace_context.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "proxy/exchange/b3.h"

namespace outrigger::exchange {
namespace {

using http::Header;

// version 2, trace 32, parent 16, flags 2, and a dash before each but the first (W3C Trace Context §3.2.2)
constexpr size_t kTraceAt = 3;
constexpr size_t kTraceDigits = 32;
constexpr size_t kParentAt = 36;
constexpr size_t kParentDigits = 16;
constexpr size_t kFlagsAt = 53;
constexpr size_t kTraceparentSize = 55;
constexpr Bytes kNoDigits = "0000000000000000";

bool isLowerHex(Bytes text) {
  return std::ranges::all_of(text, [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); });
}

uint64_t digitOf(char c) {
  return static_cast<uint64_t>(isDigit(c) ? c - '0' : c - 'a' + 10);
}

// Version 00 and what later versions must keep of it (§3.2.2).
bool isTraceparent(Bytes text) {
  if (text.size() < kTraceparentSize || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const Bytes version = text.substr(0, 2);
  const Bytes trace = text.substr(kTraceAt, kTraceDigits);
  const Bytes parent = text.substr(kParentAt, kParentDigits);
  if (!isLowerHex(version) || !isLowerHex(trace) || !isLowerHex(parent) || !isLowerHex(text.substr(kFlagsAt, 2))) {
    return false;
  }
  if (version == "ff" || trace.find_first_not_of('0') == Bytes::npos) return false;
  if (parent.find_first_not_of('0') == Bytes::npos) return false;
  return text.size() == kTraceparentSize || (version != "00" && text[kTraceparentSize] == '-');
}

// The lowest bit of its flags (§3.2.2.5.1).
bool isSampled(Bytes traceparent) {
  return (digitOf(traceparent[kFlagsAt + 1]) & 1) != 0;
}

constexpr std::array<std::array<char, 2>, 256> makeHexPairs() {
  constexpr Bytes kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t octet = 0; octet < pairs.size(); ++octet) pairs[octet] = {kDigits[octet >> 4], kDigits[octet & 15]};
  return pairs;
}
constexpr auto kHexPairs = makeHexPairs();

// A traceparent of ours, whose trace and parent are still to be written.
char* makeTraceparent(Arena& arena) {
  char* text = static_cast<char*>(arena.allocate(kTraceparentSize, 1));
  text[0] = text[1] = '0';
  text[2] = text[35] = text[52] = '-';
  text[kFlagsAt] = '0';
  return text;
}

void setSampled(char* traceparent, bool sampled) {
  traceparent[kFlagsAt + 1] = sampled ? '1' : '0';
}

Bytes traceIn(const char* traceparent) {
  return {traceparent + kTraceAt, kTraceDigits};
}

// The odds of all zeros, which W3C forbids, are 2^-128.
TraceIds beginTrace(char* text, const TraceRule* rule, B3::Sampling sampling, Rng& rng) {
  writeSpanId(text + kTraceAt, rng.next());
  writeSpanId(text + kTraceAt + kParentDigits, rng.next());
  writeSpanId(text + kParentAt, rng.next() | 1);
  TraceIds ids{.id = traceIn(text)};
  ids.sampled = sampling == B3::Sampling::Accepted ||
                (sampling == B3::Sampling::Undecided && (rule == nullptr || isInShare(ids.id, rule->share)));
  return ids;
}

TraceIds followB3(char* text, const B3& b3, const TraceRule* rule) {
  char* at = text + kTraceAt;
  if (b3.traceId.size() < kTraceDigits) at = std::ranges::copy(kNoDigits, at).out;
  std::ranges::copy(b3.traceId, at);
  std::ranges::copy(b3.spanId, text + kParentAt);
  TraceIds ids{.id = traceIn(text), .parentSpan = b3.spanId, .kept = true};
  const bool undecided = b3.sampling == B3::Sampling::Undecided;
  ids.sampled = undecided ? rule == nullptr || isInShare(ids.id, rule->share) : b3.sampling == B3::Sampling::Accepted;
  return ids;
}

// One look for five names: nearly no request has any of them.
bool hasB3(const http::FieldList& fields) {
  return std::ranges::any_of(
      fields, [](const http::Field& field) { return field.id >= Header::B3 && field.id <= Header::XB3Flags; });
}

}  // namespace

uint64_t traceShare(double percent) {
  return static_cast<uint64_t>(std::llround(std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(kAllTraces)));
}

bool isInShare(Bytes traceId, uint64_t share) {
  if (share >= kAllTraces || traceId.size() != kTraceDigits) return true;
  uint64_t number = 0;
  for (const char digit : traceId.substr(kTraceDigits - 14)) number = number << 4 | digitOf(digit);
  return number < share;
}

TraceIds takeTrace(http::FieldList& fields, const TraceRule* rule, Arena& arena, Rng& rng) {
  const Bytes received = fields.value(Header::Traceparent);
  TraceIds ids;
  if (isTraceparent(received) && fields.count(Header::Traceparent) == 1) {
    ids = {.id = received.substr(kTraceAt, kTraceDigits),
           .parentSpan = received.substr(kParentAt, kParentDigits),
           .kept = true,
           .sampled = isSampled(received)};
    if (rule == nullptr || !ids.sampled) return ids;
    char* text = makeTraceparent(arena);
    std::ranges::copy(ids.id, text + kTraceAt);
    std::ranges::copy(ids.parentSpan, text + kParentAt);
    // The other flag that there is says that the id is random (level 2), which it still is.
    text[kFlagsAt + 1] = static_cast<char>('0' + (digitOf(received[kFlagsAt + 1]) & 3));
    fields.set(Header::Traceparent, {text, kTraceparentSize});
    ids.spanOut = text + kParentAt;
    return ids;
  }
  const B3 b3 = hasB3(fields) ? readB3(fields) : B3();
  char* text = makeTraceparent(arena);
  ids = b3.traceId.empty() ? beginTrace(text, rule, b3.sampling, rng) : followB3(text, b3, rule);
  setSampled(text, ids.sampled);
  fields.set(Header::Traceparent, {text, kTraceparentSize});
  fields.remove(Header::Tracestate);  // it belonged to the parent that was not valid
  if (rule != nullptr && ids.sampled) ids.spanOut = text + kParentAt;
  return ids;
}

// Without a loop, for every request has five of them: half the instructions.
void writeSpanId(char* at, uint64_t number) {
  const auto write = [=]<size_t... kPair>(std::index_sequence<kPair...>) {
    (std::memcpy(at + 2 * kPair, kHexPairs[(number >> (56 - 8 * kPair)) & 0xff].data(), 2), ...);
  };
  write(std::make_index_sequence<8>());
}

}  // namespace outrigger::exchange
