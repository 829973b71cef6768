// What becomes of a head on its way through: hop-by-hop fields end here, our own are set. Pure; texts that are made
// live in the exchange's arena.
#pragma once

#include "proxy/base/arena.h"
#include "proxy/base/direction.h"
#include "proxy/base/peer_info.h"
#include "proxy/base/rng.h"
#include "proxy/exchange/trace_context.h"
#include "proxy/http/message.h"

namespace outrigger::exchange {

/// A request that carries our Via more often than this goes round in circles.
inline constexpr int kMostHops = 8;

/// Removes what must not pass: hop-by-hop fields (RFC 9110 §7.6.1) and those that Connection names, Host and the
/// framing fields (they are written anew), Expect, x-forwarded-client-cert, and every `outrigger-` field of the caller.
void stripRequestFields(http::FieldList& fields);

/// The same for an answer.
void stripResponseFields(http::FieldList& fields);

/// How often this kind of proxy stands in the Via fields.
int hopsSoFar(const http::FieldList& fields);

/// The ids of a request, kept from the caller where they are well formed, else made.
struct RequestIds {
  Bytes requestId;
  bool requestIdKept = false;
  TraceIds trace;
};

/// Adds x-request-id, traceparent and via, on the inbound side x-forwarded-for, x-forwarded-proto and, where the caller
/// was verified, x-forwarded-client-cert as well: `By=OURS;URI=THEIRS`, or `URI=THEIRS` where `ourIdentity` is empty.
/// `traces`: nullptr where none are recorded.
RequestIds addForwardingFields(http::RequestHead& head, Direction direction, const PeerInfo& peer, Bytes ourIdentity,
                               const TraceRule* traces, Arena& arena, Rng& rng);

/// An answer without a date gets the present one (RFC 9110 §6.6.1).
void addDate(http::FieldList& fields, WallTime now, Arena& arena);

/// The path with `prefix` instead of its first `matched` octets. The prefix "/" is the slash that every path begins
/// with and no more.
Bytes replacePrefix(Bytes path, size_t matched, Bytes prefix, Arena& arena);

}  // namespace outrigger::exchange
