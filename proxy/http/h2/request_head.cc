#include "proxy/http/h2/request_head.h"

#include "proxy/http/grammar.h"
#include "proxy/http/host.h"
#include "proxy/http/target.h"
#include "proxy/http/upgrade.h"

namespace outrigger::http::h2 {
namespace {

constexpr uint64_t kLongestBody = uint64_t{1} << 62;
constexpr size_t kLongestMethod = 32;

std::unexpected<Error> refuse(const char* detail) {
  return std::unexpected(downstreamError(Reason::Malformed, detail));
}

std::unexpected<Error> unsupported(const char* detail) {
  return std::unexpected(downstreamError(Reason::Unsupported, detail));
}

// A tunnel (RFC 9113 §8.5) has nothing but an authority; with `:protocol` (RFC 8441 §4) all are there.
Result<void> resolveMethod(RequestHead& head, const HeaderBlock& block, const HeadLimits& limits) {
  head.methodText = block.value(Pseudo::Method);
  if (!isToken(head.methodText) || head.methodText.size() > kLongestMethod) return refuse("the method is not a word");
  head.method = methodOf(head.methodText);
  const bool connect = head.method == Method::Connect;
  if (!block.has(Pseudo::Protocol)) {
    if (connect && !limits.connect) return unsupported("CONNECT is not offered here");
    if (connect) head.upgrade = kConnect;
    return {};
  }
  head.upgrade = block.value(Pseudo::Protocol);
  if (!connect || !isProtocol(head.upgrade)) return refuse("a protocol is named where there can be none");
  if (isOtherHttp(head.upgrade)) return unsupported("HTTP does not become a tunnel for HTTP");
  head.fields.remove("sec-websocket-key");  // it is of no use in HTTP/2 (RFC 8441 §5)
  head.method = Method::Get;
  head.methodText = methodName(Method::Get);
  return {};
}

Result<void> resolveTarget(RequestHead& head, const HeaderBlock& block, const HeadLimits& limits) {
  if (head.method == Method::Connect) {
    if (block.has(Pseudo::Path) || block.has(Pseudo::Scheme)) return refuse("CONNECT has an authority and no target");
    head.path = "/";
    return {};
  }
  const Bytes scheme = block.value(Pseudo::Scheme);
  if (scheme != "http" && scheme != "https") return refuse("the scheme is neither http nor https");
  const Bytes text = block.value(Pseudo::Path);
  if (text.size() > limits.targetBytes) {
    return std::unexpected(downstreamError(Reason::UriTooLong, "the target is longer than the limit"));
  }
  if (text.empty() || (text.front() != '/' && text != "*")) return refuse("the path does not begin with a slash");
  const auto target = parseTarget(head.method, text);
  if (!target) return std::unexpected(target.error());
  head.path = target->path;
  head.query = target->query;
  return {};
}

// RFC 9113 §8.3.1: Host may come along, or stand instead, but never say something else.
Result<void> resolveAuthority(RequestHead& head, const HeaderBlock& block) {
  const size_t hosts = head.fields.count(Header::Host);
  if (hosts > 1) return refuse("more than one Host");
  const Bytes host = head.fields.value(Header::Host);
  head.authority = block.has(Pseudo::Authority) ? block.value(Pseudo::Authority) : host;
  if (!parseHost(head.authority)) return refuse("the authority is not a host name or address");
  if (hosts == 1 && !equalsIgnoreCase(host, head.authority)) return refuse("Host contradicts the authority");
  if (asksForTunnel(head) && parseHost(head.authority)->port == 0) return refuse("CONNECT names no port");
  return {};
}

Result<void> resolveBody(RequestHead& head, bool complete) {
  const size_t lengths = head.fields.count(Header::ContentLength);
  if (lengths > 1) return refuse("Content-Length is repeated");
  if (lengths == 0) {
    const bool stays = complete || !head.upgrade.empty();
    head.body = stays ? BodyFraming::none() : BodyFraming::chunked();
  } else {
    const auto length = parseDecimal(head.fields.value(Header::ContentLength), kLongestBody);
    if (!length) return refuse("Content-Length is not a plain decimal number");
    if (complete && *length > 0) return refuse("Content-Length announces content, and none comes");
    if (!head.upgrade.empty()) return refuse("Content-Length where the stream goes over to another protocol");
    head.body = BodyFraming::ofLength(*length);
  }
  if (head.method == Method::Trace && !head.body.isEmpty()) return refuse("a TRACE request with content");
  return {};
}

Result<void> resolveExpect(RequestHead& head) {
  const Field* expect = head.fields.find(Header::Expect);
  if (expect == nullptr) return {};
  if (!equalsIgnoreCase(expect->value, "100-continue") || head.fields.count(Header::Expect) > 1) {
    return refuse("an expectation other than 100-continue");
  }
  head.expectContinue = !head.body.isEmpty();
  return {};
}

}  // namespace

Result<RequestHead> understandRequest(HeaderBlock& block, bool complete, const HeadLimits& limits,
                                      std::span<Field> storage) {
  if (block.flaw()) return std::unexpected(*block.flaw());
  RequestHead head;
  head.version = Version::Http2;
  head.fields = block.fields(storage);
  head.raw = block.text();
  if (auto ok = resolveMethod(head, block, limits); !ok) return std::unexpected(ok.error());
  if (auto ok = resolveTarget(head, block, limits); !ok) return std::unexpected(ok.error());
  if (auto ok = resolveAuthority(head, block); !ok) return std::unexpected(ok.error());
  if (auto ok = resolveBody(head, complete); !ok) return std::unexpected(ok.error());
  if (auto ok = resolveExpect(head); !ok) return std::unexpected(ok.error());
  return head;
}

}  // namespace outrigger::http::h2
