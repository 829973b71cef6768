// The trace that a request belongs to, as Zipkin's libraries say it: one field `b3`, or several `x-b3-...`
// (openzipkin/b3-propagation). Pure.
#pragma once

#include <cstdint>

#include "proxy/http/message.h"

namespace outrigger::exchange {

struct B3 {
  enum class Sampling : uint8_t { Undecided, Denied, Accepted };  ///< debug is accepted as well

  Bytes traceId;  ///< 16 or 32 lower-case hex digits, not all 0; empty: the caller names no trace
  Bytes spanId;   ///< 16 likewise; empty with traceId
  Sampling sampling = Sampling::Undecided;
};

/// What the fields say; of what is malformed or there twice, nothing. `b3` goes before the others.
B3 readB3(const http::FieldList& fields);

}  // namespace outrigger::exchange
