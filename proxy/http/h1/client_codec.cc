#include "proxy/http/h1/client_codec.h"

#include "proxy/http/h1/framing.h"

namespace outrigger::http::h1 {
namespace {

// What an upstream may make us hold of one head; not configurable, since nobody legitimate comes near it.
constexpr HeadLimits kResponseLimits{.headBytes = 60 * 1024, .headFields = 200, .targetBytes = 8 * 1024};

constexpr Bytes kAcceptField = "sec-websocket-accept";

std::unexpected<Error> refuse(const char* detail) {
  return std::unexpected(upstreamError(Reason::UpstreamMalformed, detail));
}
std::unexpected<Error> refuse(const Error& error) {
  return refuse(error.detail);
}

Result<ResponseHead> understand(const RawHead& raw, Method asked) {
  if (raw.protocol != "HTTP" || raw.major != 1 || raw.minor > 1) {
    return refuse("the answer is not HTTP/1.0 or HTTP/1.1");
  }
  if (raw.status < 100 || raw.status > 599) return refuse("a status outside of 100 to 599");
  ResponseHead head;
  head.status = raw.status;
  head.reasonPhrase = raw.reasonPhrase;
  head.fields = raw.fields;
  head.version = versionOf(raw);
  const auto framing = responseFraming(head, asked);
  if (!framing) return refuse(framing.error());
  head.body = *framing;
  head.keepAlive =
      persists(connectionOptions(head.fields), head.version) && head.body.kind != BodyFraming::Kind::UntilClose;
  return head;
}

}  // namespace

void ClientCodec::expect(Method asked, Bytes upgrade, Bytes accept) {
  asked_ = asked;
  upgrade_ = upgrade;
  accept_ = accept;
  state_ = State::Head;
  reusable_ = false;
  interims_ = 0;
  reader_.reset();
}

Result<size_t> ClientCodec::feed(Bytes input) {
  size_t used = 0;
  while (used < input.size()) {
    if (state_ == State::Idle) return refuse("octets behind the end of the answer");
    const auto step = state_ == State::Head ? feedHead(input.substr(used)) : feedBody(input.substr(used));
    if (!step) return step;
    if (*step == 0) break;
    used += *step;
  }
  return used;
}

Result<size_t> ClientCodec::feedHead(Bytes input) {
  const auto found = reader_.find(input, kResponseLimits);
  if (!found) return refuse(found.error());
  if (found->consumed == 0) return 0;
  const bool skipBody = asked_ == Method::Head;
  const auto raw = reader_.parse(found->text, scratch_, kResponseLimits, skipBody);
  if (!raw) return refuse(raw.error());
  auto head = understand(*raw, asked_);
  if (!head) return std::unexpected(head.error());
  const auto taken = head->status < 200 ? takeInterim(*head) : takeHead(*head, input.size() - found->consumed);
  if (!taken) return std::unexpected(taken.error());
  return found->consumed;
}

Result<void> ClientCodec::takeInterim(ResponseHead& head) {
  if (head.status == 101) return takeUpgrade(head);
  if (++interims_ > kMostInterim) return refuse("too many interim answers");
  reader_.reset();
  events_.onInterim(head);
  return {};
}

// RFC 9110 §7.8: the answer names what it goes over to, and that must be what was asked for. What stands behind its
// head in the same octets is the other protocol's already.
Result<void> ClientCodec::takeUpgrade(ResponseHead& head) {
  if (upgrade_.empty()) return refuse("101 without a request to upgrade");
  if (head.version == Version::Http10) return refuse("101 in HTTP/1.0");
  const bool named =
      head.fields.count(Header::Upgrade) == 1 && equalsIgnoreCase(head.fields.value(Header::Upgrade), upgrade_);
  if (!named || !connectionOptions(head.fields).upgrade) return refuse("101 to another protocol than was asked for");
  if (!accept_.empty()) {
    const Field* accept = head.fields.find(kAcceptField);
    if (accept == nullptr || accept->value != accept_) return refuse("101 with a wrong Sec-WebSocket-Accept");
    head.fields.remove(kAcceptField);
  }
  head.upgraded = true;
  head.keepAlive = false;
  head.body = BodyFraming::untilClose();
  body_.start(head.body, scratch_.parser());
  state_ = State::Body;
  events_.onResponseHead(head);
  return {};
}

Result<void> ClientCodec::takeHead(ResponseHead& head, size_t octetsBehind) {
  const BodyFraming octets = head.headOnly ? BodyFraming::none() : head.body;
  const bool lengthKnown = octets.isEmpty() || octets.kind == BodyFraming::Kind::Length;
  // Seen before anything is passed on, so that the caller can still get a clean 502.
  if (lengthKnown && octetsBehind > octets.length) return refuse("octets behind the end of the answer");
  reusable_ = head.keepAlive;
  body_.start(octets, scratch_.parser());
  state_ = State::Body;
  events_.onResponseHead(head);
  if (!body_.complete()) return {};
  state_ = State::Idle;
  events_.onResponseEnd({});
  return {};
}

Result<size_t> ClientCodec::feedBody(Bytes input) {
  const auto used = body_.read(input, events_);
  if (!used) return refuse(used.error());
  if (!body_.complete()) return used;
  // An error must win over the end, for after the end the connection is somebody else's.
  if (*used < input.size()) return refuse("octets behind the end of the answer");
  state_ = State::Idle;
  events_.onResponseEnd(body_.trailers());
  return used;
}

bool ClientCodec::finishAtClose() {
  if (state_ != State::Body || !body_.endsAtClose()) return false;
  state_ = State::Idle;
  events_.onResponseEnd({});
  return true;
}

}  // namespace outrigger::http::h1
