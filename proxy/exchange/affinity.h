// Where a request belongs, if its upstream balances by hash: the key in its head, and the cookie that keeps a session
// at its endpoint. Pure; texts that are made live in the exchange's arena.
//
// With `hash: {cookie: NAME}` a caller that brings no such cookie goes anywhere, and its answer gives it one that names
// the endpoint (the hash of its address, 16 hex digits). From then on:
//   the endpoint can be used                      the request goes there, whatever it carries
//   it is out of use (ejected, unhealthy, tried)  the request goes to another, always the same one; the cookie stays
//   it is not configured any more                 the request goes to another, and gets a cookie that names that one
// A value that is not 16 hex digits was not made by us: it is a key like any other, and stays what it is.
// An answer of 500 or more gives no cookie: no session should begin where something is broken.
#pragma once

#include "proxy/base/arena.h"
#include "proxy/base/peer_info.h"
#include "proxy/http/message.h"
#include "proxy/policy/hash.h"
#include "proxy/upstream/cluster_settings.h"

namespace outrigger::exchange {

/// nullopt: the upstream does not balance by hash, or the request has no key.
std::optional<policy::Affinity> affinityOf(const policy::BalanceSettings& balance, const http::FieldList& fields,
                                           const PeerInfo& peer);

/// The value of the first cookie of that name (RFC 6265 §4.2.1), without quotes; nullopt: there is none.
std::optional<Bytes> cookieValue(const http::FieldList& fields, Bytes name);

/// Adds a Set-Cookie to an answer of `endpoint`, if the session needs one. `affinity`: of the request.
void keepSession(const upstream::ClusterSettings& upstream, const std::optional<policy::Affinity>& affinity,
                 const Address& endpoint, http::ResponseHead& head, Arena& arena);

}  // namespace outrigger::exchange
