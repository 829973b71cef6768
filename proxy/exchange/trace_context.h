// Which trace a request belongs to, as its head says it (W3C Trace Context; b3 where there is none), and what the head
// that goes on says of it. Pure; texts that are made live in the exchange's arena.
//
// A valid traceparent and its tracestate pass as they are. Without one, what b3 says is written as a traceparent, and
// else a trace begins here; a tracestate goes with the parent that was not valid. b3 fields pass untouched. Where a
// request is recorded, its traceparent is ours: each attempt writes the id of its own span into it before it is sent.
#pragma once

#include <cstdint>

#include "proxy/base/arena.h"
#include "proxy/base/rng.h"
#include "proxy/http/message.h"

namespace outrigger::exchange {

/// A share of all traces, from 0 to 2^56. The low 56 bits of a trace id choose: every hop chooses the same ones.
inline constexpr uint64_t kAllTraces = uint64_t{1} << 56;
uint64_t traceShare(double percent);

/// Whether the id, of 32 hex digits, belongs to that share of all. One that is none does.
bool isInShare(Bytes traceId, uint64_t share);

/// What is done with traces; absent: nothing is recorded, and a trace that begins here is marked as sampled.
struct TraceRule {
  uint64_t share = 0;  ///< of the traces that begin here, those that are recorded; others do as their parent says
};

struct TraceIds {
  Bytes id{};               ///< 32 hex digits
  Bytes parentSpan{};       ///< 16 hex digits: of the caller's span; empty: the trace begins here
  bool kept = false;        ///< the caller's
  bool sampled = false;     ///< recorded by whoever records it: the flag that the head carries on
  char* spanOut = nullptr;  ///< where each attempt writes the 16 digits of its span; nullptr: not recorded here
};

/// Reads the fields and sets traceparent. `rule`: nullptr where nothing is recorded.
TraceIds takeTrace(http::FieldList& fields, const TraceRule* rule, Arena& arena, Rng& rng);

/// 16 lower-case hex digits of `number`.
void writeSpanId(char* at, uint64_t number);

}  // namespace outrigger::exchange
