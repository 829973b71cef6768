// What sidecars say to each other in header fields: how much time a request has left, how often it was tried before,
// and whether a refused one may be tried again (CONTRACT §5, POLICIES §1 and §2). Whatever a peer writes can only
// shorten a deadline or forbid a retry; what makes no sense counts as not said. Pure.
#pragma once

#include "proxy/base/time.h"
#include "proxy/http/message.h"

namespace outrigger::exchange {

/// What a request says of its caller.
struct CallersWord {
  Duration left = Duration::max();      ///< until the caller's deadline; max: none was named
  Duration grpcLeft = Duration::max();  ///< the part of it that a grpc-timeout named
  uint32_t attempt = 1;                 ///< 2, 3, ... where the caller tries again
};

/// Reads outrigger-timeout-ms, outrigger-attempt and grpc-timeout. Of several deadlines the nearest counts.
CallersWord callersWord(const http::FieldList& fields);

/// A grpc-timeout (gRPC over HTTP/2: at most 8 digits and one of H M S m u n). nullopt: none.
std::optional<Duration> parseGrpcTimeout(Bytes text);

/// The time as a grpc-timeout of milliseconds, rounded down.
Bytes grpcTimeoutText(Duration left, Arena& arena);

/// What an answer of a sidecar says to the sidecar that called.
struct Marks {
  bool notForwarded = false;      ///< the application behind it saw nothing of the request
  bool noRetry = false;           ///< nobody should try again
  bool draining = false;          ///< it goes; read only: what says so is its reason
  bool deadlineExceeded = false;  ///< the deadline that it was told has passed; read only, likewise
};

/// Of an answer of a sidecar that is believed. `status` is that of the answer, or where it states a gRPC status, the
/// one that says the same. Not forwarded means something on 503 and 429 only.
Marks marksOf(const http::FieldList& fields, uint16_t status);

void addMarks(http::FieldList& fields, const Marks& marks);

/// The reason that a believed sidecar gives for its own answer; empty: none, or no word of ours.
Bytes believedReason(const http::FieldList& fields);

}  // namespace outrigger::exchange
