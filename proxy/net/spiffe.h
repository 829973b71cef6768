// Identities of workloads in X.509 certificates (SPIFFE X.509-SVID). The rules are applied to certificates whose chain
// has been verified by then. Pure.
#pragma once

#include <openssl/x509.h>

#include <expected>
#include <string>

#include "proxy/base/bytes.h"

namespace outrigger::net {

/// Checks "spiffe://domain/path" (SPIFFE-ID §2): lower-case trust domain of at most 255 letters, digits, ".", "-", "_";
/// a path of segments that are neither empty nor "." nor ".."; no port, user, query, fragment; at most 2048 octets. A
/// trust domain alone has no path.
bool isSpiffeId(Bytes text);

/// "shop.example" of "spiffe://shop.example/ns/shop".
Bytes trustDomainOf(Bytes id);

/// The identity in a leaf certificate (X.509-SVID §2 to §4): exactly one URI among its alternative names, a SPIFFE ID
/// with a path; not an authority; may sign, but neither certificates nor revocation lists. Empty: it has no URI, and is
/// nobody in the mesh. The error is a static text.
std::expected<std::string, const char*> spiffeIdOf(X509* leaf);

/// The trust domain that an authority's certificate names; empty: it names none.
std::string trustDomainOfAuthority(X509* authority);

}  // namespace outrigger::net
