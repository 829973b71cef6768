#include "proxy/http/h1/server_codec.h"

#include "proxy/http/h1/framing.h"
#include "proxy/http/host.h"
#include "proxy/http/target.h"
#include "proxy/http/upgrade.h"

namespace outrigger::http::h1 {
namespace {

std::unexpected<Error> refuse(const char* detail) {
  return std::unexpected(downstreamError(Reason::Malformed, detail));
}
std::unexpected<Error> unsupported(const char* detail) {
  return std::unexpected(downstreamError(Reason::Unsupported, detail));
}

// Host: exactly one and well formed; HTTP/1.0 may leave it out (RFC 9112 §3.2). The absolute form names the authority
// itself; a Host that says otherwise is refused rather than ignored.
Result<void> resolveAuthority(RequestHead& head, Bytes targetAuthority) {
  const size_t hosts = head.fields.count(Header::Host);
  if (hosts > 1) return refuse("more than one Host");
  if (hosts == 0 && head.version != Version::Http10) return refuse("the Host field is missing");
  const Bytes host = head.fields.value(Header::Host);
  if (hosts == 1 && !parseHost(host)) return refuse("the Host field is not a host name or address");
  head.authority = host;
  if (!head.absoluteForm) return {};
  if (!parseHost(targetAuthority)) return refuse("the target's authority is not a host name or address");
  if (hosts == 1 && !equalsIgnoreCase(host, targetAuthority)) return refuse("Host contradicts the target");
  head.authority = targetAuthority;
  return {};
}

Result<void> resolveTarget(RequestHead& head, Bytes url, const HeadLimits& limits) {
  if (url.size() > limits.targetBytes) {
    return std::unexpected(downstreamError(Reason::UriTooLong, "the target is longer than the limit"));
  }
  const auto target = parseTarget(head.method, url);
  if (!target) return std::unexpected(target.error());
  head.path = target->path;
  head.query = target->query;
  head.absoluteForm = target->absoluteForm;
  return resolveAuthority(head, target->authority);
}

// Of a list only the first is asked for, so that there is no doubt what a 101 grants. A server may ignore an offer
// (RFC 9110 §7.8), and in HTTP/1.0 it must; another HTTP never becomes a tunnel, for requests inside of it would pass
// no route.
Result<Bytes> upgradeAskedFor(const RequestHead& head) {
  Bytes asked;
  if (head.version == Version::Http10) return asked;
  for (const Field& field : head.fields) {
    if (field.id != Header::Upgrade) continue;
    const bool wellFormed = forEachListElement(field.value, [&](Bytes protocol) {
      if (!isProtocol(protocol)) return false;
      if (asked.empty() && !isOtherHttp(protocol)) asked = protocol;
      return true;
    });
    if (!wellFormed) return refuse("an Upgrade field that is no list of protocols");
  }
  return asked;
}

// RFC 9110 §9.3.6: the target names where the tunnel leads, and nothing else.
Result<void> resolveTunnel(RequestHead& head, Bytes url, const HeadLimits& limits) {
  if (!limits.connect) return unsupported("CONNECT is not offered here");
  const auto target = parseHost(url);
  if (!target || target->port == 0) return refuse("the target of CONNECT is not a host and a port");
  if (auto ok = resolveAuthority(head, {}); !ok) return ok;
  const bool hostFits = head.authority.empty() || equalsIgnoreCase(head.authority, url) ||
                        equalsIgnoreCase(head.authority, url.substr(0, url.rfind(':')));
  if (!hostFits) return refuse("Host contradicts the target");
  head.authority = url;
  head.path = "/";
  head.upgrade = kConnect;
  return {};
}

Result<void> resolveExpect(RequestHead& head) {
  const Field* expect = head.fields.find(Header::Expect);
  if (expect == nullptr || head.version == Version::Http10) return {};  // RFC 9110 §10.1.1: ignored in HTTP/1.0
  if (!equalsIgnoreCase(expect->value, "100-continue") || head.fields.count(Header::Expect) > 1) {
    return refuse("an expectation other than 100-continue");
  }
  head.expectContinue = !head.body.isEmpty();
  return {};
}

// llhttp skips any number of spaces between the words of a request line; RFC 9112 §3 has one.
bool singleSpaced(const RawHead& raw, Bytes method) {
  return raw.url.data() == method.data() + method.size() + 1 &&
         raw.protocol.data() == raw.url.data() + raw.url.size() + 1;
}

Result<RequestHead> understand(const RawHead& raw, const HeadLimits& limits) {
  if (raw.protocol != "HTTP" || raw.major != 1 || raw.minor > 1) {
    return std::unexpected(downstreamError(Reason::UnsupportedVersion, "only HTTP/1.0 and HTTP/1.1 are spoken here"));
  }
  RequestHead head;
  head.raw = raw.text;
  head.fields = raw.fields;
  head.version = versionOf(raw);
  head.methodText = raw.text.substr(0, raw.text.find(' '));
  if (!singleSpaced(raw, head.methodText)) return refuse("more than one space between the words of the request line");
  head.method = methodOf(head.methodText);
  const bool tunnel = head.method == Method::Connect;
  const auto target = tunnel ? resolveTunnel(head, raw.url, limits) : resolveTarget(head, raw.url, limits);
  if (!target) return std::unexpected(target.error());
  const auto framing = requestFraming(head);
  if (!framing) return std::unexpected(framing.error());
  head.body = *framing;
  if (tunnel && !head.body.isEmpty()) return refuse("a CONNECT request with content");
  const ConnectionOptions options = connectionOptions(head.fields);
  head.keepAlive = persists(options, head.version);
  if (options.upgrade && !tunnel) {
    const auto asked = upgradeAskedFor(head);
    if (!asked) return std::unexpected(asked.error());
    head.upgrade = *asked;
  }
  if (auto ok = resolveExpect(head); !ok) return std::unexpected(ok.error());
  return head;
}

}  // namespace

Result<size_t> ServerCodec::feed(Bytes input) {
  size_t used = 0;
  if (state_ == State::Head) {
    const auto head = feedHead(input);
    if (!head) return head;
    used = *head;
  }
  if (state_ == State::Body && used < input.size()) {
    const auto body = feedBody(input.substr(used));
    if (!body) return body;
    used += *body;
  }
  return used;
}

Result<size_t> ServerCodec::feedHead(Bytes input) {
  const auto found = reader_.find(input, limits_);
  if (!found) return std::unexpected(found.error());
  if (found->consumed == 0) return 0;
  const auto raw = reader_.parse(found->text, scratch_, limits_);
  if (!raw) return std::unexpected(raw.error());
  auto head = understand(*raw, limits_);
  if (!head) return std::unexpected(head.error());
  body_.start(head->body, scratch_.parser());
  state_ = State::Body;
  events_.onRequestHead(*head);
  if (body_.complete()) finishRequest();
  return found->consumed;
}

Result<size_t> ServerCodec::feedBody(Bytes input) {
  const auto used = body_.read(input, events_);
  if (used && body_.complete()) finishRequest();
  return used;
}

void ServerCodec::finishRequest() {
  state_ = State::Complete;
  events_.onRequestEnd(body_.trailers());
}

void ServerCodec::next() {
  state_ = State::Head;
  reader_.reset();
}

}  // namespace outrigger::http::h1
