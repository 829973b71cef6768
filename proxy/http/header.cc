#include "proxy/http/header.h"

#include <algorithm>
#include <array>

namespace outrigger::http {
namespace {

// In the order of the enum.
constexpr std::array<Bytes, kHeaderCount> kNames{
    "",
    "te",
    "age",
    "via",
    "date",
    "host",
    "allow",
    "cookie",
    "expect",
    "server",
    "trailer",
    "upgrade",
    "location",
    "connection",
    "keep-alive",
    "set-cookie",
    "tracestate",
    "retry-after",
    "traceparent",
    "grpc-timeout",
    "grpc-status",
    "content-type",
    "max-forwards",
    "x-request-id",
    "authorization",
    "content-range",
    "cache-control",
    "content-length",
    "content-encoding",
    "http2-settings",
    "x-forwarded-for",
    "x-forwarded-proto",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "transfer-encoding",
    "x-forwarded-client-cert",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-sampled",
    "x-b3-flags",
    "outrigger-admin",
    "outrigger-reason",
    "outrigger-attempt",
    "outrigger-attempts",
    "outrigger-no-retry",
    "outrigger-timeout-ms",
    "outrigger-not-forwarded",
    "",
};

constexpr Bytes kOwnPrefix = "outrigger-";
constexpr size_t kBuckets = 64;
constexpr size_t kPerBucket = 4;

// Length and two letters tell nearly all known names apart; the letters are folded to lower case.
constexpr size_t bucketOf(Bytes name) {
  const auto first = static_cast<unsigned char>(name.front() | 0x20);
  const auto last = static_cast<unsigned char>(name.back() | 0x20);
  return (name.size() * 7 + first * 3U + last) % kBuckets;
}

struct Bucket {
  std::array<Header, kPerBucket> entries{};
};

constexpr std::array<Bucket, kBuckets> makeBuckets() {
  std::array<Bucket, kBuckets> buckets{};
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i].empty()) continue;
    auto& entries = buckets[bucketOf(kNames[i])].entries;
    // An overfull bucket runs past the array's end, which a constant expression refuses to compile.
    size_t at = 0;
    while (entries.at(at) != Header::Other) ++at;
    entries.at(at) = static_cast<Header>(i);
  }
  return buckets;
}

constexpr std::array<Bucket, kBuckets> kTable = makeBuckets();

template <size_t N>
constexpr std::array<bool, kHeaderCount> setOf(const Header (&members)[N]) {
  std::array<bool, kHeaderCount> set{};
  for (Header h : members) set[static_cast<size_t>(h)] = true;
  return set;
}

constexpr auto kHopByHop =
    setOf({Header::Connection, Header::KeepAlive, Header::ProxyConnection, Header::ProxyAuthenticate,
           Header::ProxyAuthorization, Header::Te, Header::TransferEncoding, Header::Upgrade, Header::Http2Settings});

constexpr auto kForbiddenInTrailers = setOf({Header::TransferEncoding,
                                             Header::ContentLength,
                                             Header::Host,
                                             Header::CacheControl,
                                             Header::Expect,
                                             Header::MaxForwards,
                                             Header::Te,
                                             Header::Authorization,
                                             Header::ProxyAuthorization,
                                             Header::ProxyAuthenticate,
                                             Header::Cookie,
                                             Header::SetCookie,
                                             Header::ContentEncoding,
                                             Header::ContentType,
                                             Header::ContentRange,
                                             Header::Trailer,
                                             Header::Connection,
                                             Header::KeepAlive,
                                             Header::ProxyConnection,
                                             Header::Upgrade,
                                             Header::Http2Settings,
                                             Header::XForwardedFor,
                                             Header::XForwardedProto,
                                             Header::XForwardedClientCert,
                                             Header::Via,
                                             Header::OutriggerAdmin,
                                             Header::OutriggerReason,
                                             Header::OutriggerAttempt,
                                             Header::OutriggerAttempts,
                                             Header::OutriggerNoRetry,
                                             Header::OutriggerTimeoutMs,
                                             Header::OutriggerNotForwarded,
                                             Header::OutriggerOther});

}  // namespace

Header headerOf(Bytes name) {
  if (name.empty()) return Header::Other;
  for (Header candidate : kTable[bucketOf(name)].entries) {
    if (candidate == Header::Other) break;
    if (equalsIgnoreCase(kNames[static_cast<size_t>(candidate)], name)) return candidate;
  }
  return startsWithIgnoreCase(name, kOwnPrefix) ? Header::OutriggerOther : Header::Other;
}

Bytes headerName(Header header) {
  return kNames[static_cast<size_t>(header)];
}

bool isHopByHop(Header header) {
  return kHopByHop[static_cast<size_t>(header)];
}

bool isForbiddenInTrailers(Header header) {
  return kForbiddenInTrailers[static_cast<size_t>(header)];
}

}  // namespace outrigger::http
