// What texts of the config file must look like: names, hosts, header names, paths. Each check returns what is wrong, or
// nothing; they are the `textCheck`s of the schema. Pure.
#pragma once

#include <optional>
#include <string>

#include "config/quantity.h"

namespace outrigger::config {

/// ASCII letters in lower case.
std::string lowered(Bytes text);

/// An RFC 9110 token (§5.6.2).
bool isToken(Bytes text);

/// Of upstreams, policies and routes: letters, digits, `.`, `_`, `-`; begins with a letter or digit; at most 128.
std::optional<Slip> checkName(Bytes text);

/// Of a header: an RFC 9110 token.
std::optional<Slip> checkHeaderName(Bytes text);

/// Of a header that a request or answer may be given by the operator: not one that frames the message or belongs to the
/// proxy.
std::optional<Slip> checkOwnHeaderName(Bytes text);

/// Of a header that may stand in access records: none that holds secrets.
std::optional<Slip> checkLoggedHeader(Bytes text);

/// The value of a header: visible text, no line breaks, no space at either end.
std::optional<Slip> checkHeaderValue(Bytes text);

/// `payments`, `payments:8080`, `.example.com`, `[::1]:80`.
std::optional<Slip> checkHostMatch(Bytes text);

/// A host with or without a port, as it is sent on: no leading point.
std::optional<Slip> checkHost(Bytes text);

/// A method to match: any token, but no known one in lower case.
std::optional<Slip> checkMethod(Bytes text);

/// A method that retries may name.
std::optional<Slip> checkRetryMethod(Bytes text);

/// An absolute path without query, fragment and dot segments.
std::optional<Slip> checkPath(Bytes text);

/// A path without a slash at its end, or "/".
std::optional<Slip> checkPrefix(Bytes text);

/// A path, perhaps with a query, that a health check asks for.
std::optional<Slip> checkProbeTarget(Bytes text);

/// Of a cookie: an RFC 6265 token (§4.1.1).
std::optional<Slip> checkCookieName(Bytes text);

/// A regular expression for whole paths; RE2 judges it later.
std::optional<Slip> checkRegex(Bytes text);

/// `unsent`, `reset`, `timeout`, a status (503) or a class of them (5xx).
std::optional<Slip> checkFailure(Bytes text);

/// The status of a redirect, or of an answer of ours.
std::optional<Slip> checkRedirectStatus(Bytes text);

/// Text of at most 64 KiB.
std::optional<Slip> checkBody(Bytes text);

/// One workload: "spiffe://domain/path".
std::optional<Slip> checkIdentity(Bytes text);

/// The same, or "spiffe://domain/*" and "spiffe://domain/path/*" for all below.
std::optional<Slip> checkIdentityRule(Bytes text);

/// The full path of a file.
std::optional<Slip> checkFilePath(Bytes text);

/// A name of the DNS, perhaps of a service (`_http._tcp.payments.shop`).
std::optional<Slip> checkDnsName(Bytes text);

/// A name of Kubernetes that is one label of the DNS.
std::optional<Slip> checkDnsLabel(Bytes text);

/// A port of a service, by number or by name.
std::optional<Slip> checkServicePort(Bytes text);

/// `10.0.0.0/8`, `fd00::/8`.
std::optional<Slip> checkCidr(Bytes text);

/// A name that a certificate must hold: a host name, no address, no port.
std::optional<Slip> checkServerName(Bytes text);

/// The name of a gRPC service.
std::optional<Slip> checkServiceName(Bytes text);

/// A host pattern apart: `host` in lower case and without brackets, and the port, 0 if none is given.
struct HostAndPort {
  std::string host;
  uint16_t port = 0;
};
HostAndPort splitHost(Bytes text);

/// The URL of a collector apart. Views into the text, which begins with http:// or https://.
struct CollectorUrl {
  bool secure = false;
  Bytes authority{};
  Bytes path{};  ///< empty, or begins with a slash
};
CollectorUrl splitCollectorUrl(Bytes text);

}  // namespace outrigger::config
