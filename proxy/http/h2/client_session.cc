#include "proxy/http/h2/client_session.h"

#include <algorithm>

#include "proxy/http/h2/client_lines.h"
#include "proxy/http/h2/client_port.h"

namespace outrigger::http::h2 {
namespace {

constexpr int kMostInterim = 32;
constexpr uint64_t kLongestBody = uint64_t{1} << 62;

Error malformedAnswer(const char* detail) {
  return upstreamError(Reason::UpstreamMalformed, detail);
}

// Three digits (RFC 9110 §15); 0: not a status.
uint16_t statusOf(Bytes text) {
  if (text.size() != 3) return 0;
  const auto status = parseDecimal(text, 599);
  return status && *status >= 100 ? static_cast<uint16_t>(*status) : 0;
}

/// What the field says; the second value is false where it says nothing that could be believed.
std::pair<std::optional<uint64_t>, bool> contentLength(const FieldList& fields) {
  std::optional<uint64_t> length;
  for (const Field& field : fields) {
    if (field.id != Header::ContentLength) continue;
    if (length) return {std::nullopt, false};
    length = parseDecimal(field.value, kLongestBody);
    if (!length) return {std::nullopt, false};
  }
  return {length, true};
}

}  // namespace

ClientSession::ClientSession(Workbench& bench, ClientSessionEvents& events, Instant now, bool secure, uint32_t expected)
    : bench_(bench), events_(events), secure_(secure), expected_(expected), watch_(0, now, FrameWatch::Peer::Server) {
  session_ = ClientPort::make(*this, bench.memory());
}

ClientSession::~ClientSession() {
  bench_.giveBack(std::move(block_));
  nghttp2_session_del(session_);
}

// ---- The request

void ClientSession::open(ClientStream& stream, const RequestHead& head, std::span<const Field> more) {
  stream.asked_ = head.method;
  stream.tunnel_ = goesOver(head);
  stream.websocket_ = asksForExtendedConnect(head);
  stream.requestEnded_ = !stream.tunnel_ && head.body.isEmpty();
  live_.pushBack(stream);
  ++streams_;
  const ClientLines lines(head, more, secure_);
  if (!stream.websocket_ || allowsExtendedConnect()) return submit(stream, lines.lines());
  const auto text = [](const uint8_t* octets, size_t size) {
    return std::string(reinterpret_cast<const char*>(octets), size);
  };
  for (const nghttp2_nv& nv : lines.lines()) {
    stream.held_.emplace_back(text(nv.name, nv.namelen), text(nv.value, nv.valuelen));
  }
  anyHeld_ = true;
}

void ClientSession::submit(ClientStream& stream, std::span<const nghttp2_nv> lines) {
  const nghttp2_data_provider content = ClientPort::content();
  const nghttp2_data_provider* provider = stream.requestEnded_ && stream.body_.empty() ? nullptr : &content;
  const int32_t id = nghttp2_submit_request(session_, nullptr, lines.data(), lines.size(), provider, &stream);
  if (id > 0) {
    stream.id_ = id;
  } else {  // no numbers are left
    stream.stopped_ = anyStopped_ = true;
  }
}

// Whether an upgrade is allowed is known once the peer's SETTINGS are here.
void ClientSession::submitHeld() {
  anyHeld_ = false;
  const bool allowed = allowsExtendedConnect();
  live_.forEach([&](ClientStream& stream) {
    if (stream.held_.empty()) return;
    const auto held = std::exchange(stream.held_, {});
    if (!allowed) {
      stream.stopped_ = stream.unsupported_ = anyStopped_ = true;
      return;
    }
    std::vector<nghttp2_nv> lines;
    for (const auto& [name, value] : held) lines.push_back(line(name, value));
    submit(stream, lines);
  });
}

void ClientSession::append(ClientStream& stream, Bytes data) {
  if (!stream.live() || stream.requestEnded_ || data.empty()) return;
  stream.body_.append(data);
  if (stream.body_.size() > kHighWater) stream.aboveHighWater_ = true;
  sending_.pushBack(stream);
  if (stream.id_ != 0) nghttp2_session_resume_data(session_, stream.id_);
}

void ClientSession::finish(ClientStream& stream, const FieldList& trailers) {
  if (!stream.live() || stream.requestEnded_) return;
  // An upgrade that is not granted yet: what comes is the other protocol's, or nothing at all.
  if (stream.tunnel_ && !stream.headSeen_) return;
  stream.requestEnded_ = true;
  for (const Field& field : trailers) {
    if (isForbiddenInTrailers(field.id) || isHopByHop(field.id)) continue;
    stream.trailers_.emplace_back(std::string(field.name), std::string(field.value));
  }
  if (stream.id_ != 0) nghttp2_session_resume_data(session_, stream.id_);
}

void ClientSession::cancel(ClientStream& stream) {
  if (!stream.live()) return;
  const int32_t id = stream.id_;
  detach(stream);
  if (id != 0) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

void ClientSession::resume(ClientStream& stream) {
  stream.paused_ = false;
  if (!stream.live() || stream.unconsumed_ == 0) return;
  nghttp2_session_consume_stream(session_, stream.id_, std::exchange(stream.unconsumed_, 0));
}

// ---- The connection

bool ClientSession::takesStreams() const {
  return !failure_ && !leaving_ && !peerLeaves_ && nghttp2_session_check_request_allowed(session_) != 0;
}

uint32_t ClientSession::mostStreams() const {
  if (!greeted_) return expected_;
  const auto said = nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return std::min(kMostStreams, said);
}

uint32_t ClientSession::room() const {
  return takesStreams() ? mostStreams() - std::min(mostStreams(), streams_) : 0;
}

bool ClientSession::allowsExtendedConnect() const {
  return greeted_ && nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

void ClientSession::feed(Bytes input, Instant now) {
  if (failure_ || input.empty() || !judgeFirstOctet(input)) return;
  const FrameWatch::Finding found = watch_.look(input, now);
  const auto* octets = reinterpret_cast<const uint8_t*>(input.data());
  busy_ = true;
  const ssize_t used = nghttp2_session_mem_recv(session_, octets, found.harmless);
  busy_ = false;
  if (failure_) return;
  if (used < 0) return fail(ErrorCode::ProtocolError, malformedAnswer("the upstream broke the rules of HTTP/2"));
  if (found.overdone) return overdo(*found.overdone);
  if (found.violation) fail(*found.violation, malformedAnswer("the upstream broke the rules of HTTP/2"));
}

// The first frame is SETTINGS (RFC 9113 §3.4), so that its first octet is never a letter.
bool ClientSession::judgeFirstOctet(Bytes input) {
  if (std::exchange(octetsSeen_, true) || input.front() != 'H') return true;
  speaksHttp1_ = true;
  fail(ErrorCode::ProtocolError, unsentError(Reason::UpstreamMalformed, "the upstream speaks HTTP/1"));
  return false;
}

void ClientSession::write(WriteQueue& out) {
  if (std::exchange(busy_, true)) return;
  out_ = &out;
  if (anyHeld_ && greeted_) submitHeld();
  while (out.pending() <= kHighWater) {
    const uint8_t* octets = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &octets);
    if (size < 0) fail(ErrorCode::InternalError, malformedAnswer("HTTP/2 cannot go on"));
    if (size <= 0) break;
    out.copy({reinterpret_cast<const char*>(octets), static_cast<size_t>(size)});
  }
  out.flush();
  out_ = nullptr;
  busy_ = false;
  afterWrite();
}

// What was only borrowed is copied now; and some may be told that there is room again, or that they will never be sent.
void ClientSession::afterWrite() {
  List<ClientStream, SendingTag> written;
  written.takeAll(sending_);
  while (ClientStream* stream = written.popFront()) {
    stream->body_.keep();
    if (!stream->body_.empty()) sending_.pushBack(*stream);
    if (!stream->aboveHighWater_ || stream->body_.size() > kLowWater) continue;
    stream->aboveHighWater_ = false;
    stream->onDrained();
  }
  while (std::exchange(anyStopped_, false)) {
    ClientStream* stopped = nullptr;
    live_.forEach([&](ClientStream& stream) {
      if (stream.stopped_) stopped = &stream;
    });
    if (stopped == nullptr) return;
    anyStopped_ = true;
    const Error unsupported = localError(Reason::Unsupported, "the upstream takes no extended CONNECT");
    const Error tooLate = unsentError(Reason::UpstreamReset, "the connection takes no more requests");
    failStream(*stopped, stopped->unsupported_ ? unsupported : tooLate, true);
  }
}

void ClientSession::lose(const Error& why) {
  if (!failure_) failure_ = why;
  while (ClientStream* stream = live_.popFront()) {
    live_.pushFront(*stream);
    Error told = why;
    told.unsent = why.unsent || !stream->handedOver_;
    failStream(*stream, told);
  }
}

void ClientSession::ping() {
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
}

void ClientSession::goAway() {
  if (std::exchange(leaving_, true) || failure_) return;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
}

void ClientSession::fail(ErrorCode code, const Error& why) {
  if (failure_) return;
  failure_ = why;
  nghttp2_session_terminate_session(session_, static_cast<uint32_t>(code));
}

void ClientSession::overdo(Guard guard) {
  fail(ErrorCode::EnhanceYourCalm, malformedAnswer("the upstream sends too much that has no purpose"));
  events_.onGuard(guard);
}

void ClientSession::detach(ClientStream& stream) {
  stream.ListNode<LiveTag>::unlink();
  stream.ListNode<SendingTag>::unlink();
  --streams_;
  if (stream.id_ != 0) nghttp2_session_set_stream_user_data(session_, stream.id_, nullptr);
}

void ClientSession::failStream(ClientStream& stream, const Error& why, bool neutral) {
  detach(stream);
  stream.onFailed(why, neutral);
  events_.onStreamGone();
}

void ClientSession::malformed(ClientStream& stream, const char* detail) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id_, NGHTTP2_PROTOCOL_ERROR);
  failStream(stream, malformedAnswer(detail));
}

// ---- What the library tells

ClientStream* ClientSession::find(int32_t id) const {
  return static_cast<ClientStream*>(nghttp2_session_get_stream_user_data(session_, id));
}

void ClientSession::onFrame(const nghttp2_frame& frame) {
  ClientStream* stream = frame.hd.stream_id != 0 ? find(frame.hd.stream_id) : nullptr;
  const bool endStream = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS: return onBlockComplete(stream, endStream);
    case NGHTTP2_DATA:
      if (stream == nullptr) return;
      if (!stream->headSeen_) return malformed(*stream, "content before the head of the answer");
      if (endStream) endAnswer(*stream, {});
      return;
    case NGHTTP2_RST_STREAM:
      if (stream != nullptr) stream->resetByPeer_ = true;
      return;
    case NGHTTP2_SETTINGS:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) return;
      greeted_ = true;  // later ones may have raised the limit of streams
      return events_.onGreeted();
    case NGHTTP2_GOAWAY:
      peerLeaves_ = true;
      peerLeavesInPeace_ = frame.goaway.error_code == NGHTTP2_NO_ERROR;
      return;
    default: return;
  }
}

void ClientSession::onBlockComplete(ClientStream* stream, bool endStream) {
  std::unique_ptr<HeaderBlock> block = std::move(block_);
  if (block == nullptr) return;
  if (stream != nullptr) takeBlock(*stream, *block, endStream);
  bench_.giveBack(std::move(block));
}

void ClientSession::takeBlock(ClientStream& stream, HeaderBlock& block, bool endStream) {
  if (const auto& flaw = block.flaw()) return malformed(stream, flaw->detail);
  if (stream.headSeen_) {
    if (!endStream) return malformed(stream, "a second head in the middle of the answer");
    return endAnswer(stream, block.fields(bench_.storage(block.size())));
  }
  ResponseHead head;
  head.version = Version::Http2;
  head.status = statusOf(block.value(Pseudo::Status));
  if (head.status == 0) return malformed(stream, "an answer without a :status of three digits");
  // RFC 9113 §8.6: HTTP/2 has no 101.
  if (head.status == 101) return malformed(stream, "101 does not exist in HTTP/2");
  head.fields = block.fields(bench_.storage(block.size()));
  if (head.status < 200) return takeInterim(stream, head, endStream);
  takeResponse(stream, head, endStream);
}

void ClientSession::takeInterim(ClientStream& stream, ResponseHead& head, bool endStream) {
  if (endStream) return malformed(stream, "an answer that ends before its final head");
  if (++stream.interims_ > kMostInterim) return malformed(stream, "too many interim answers");
  if (contentLength(head.fields) != std::pair(std::optional<uint64_t>(), true)) {
    return malformed(stream, "an answer that cannot have content announces some");
  }
  stream.onInterim(head);
}

void ClientSession::takeResponse(ClientStream& stream, ResponseHead& head, bool endStream) {
  const auto [length, plain] = contentLength(head.fields);
  if (!plain) return malformed(stream, "Content-Length is not one plain decimal number");
  head.upgraded = stream.tunnel_ && head.status < 300;
  head.headOnly = !head.upgraded && (stream.asked_ == Method::Head || head.status == 304);
  const bool bodiless = head.headOnly || (head.status == 204 && !head.upgraded);
  if (head.status == 204 && length.value_or(0) > 0) {
    return malformed(stream, "an answer that cannot have content announces some");
  }
  if (endStream && !bodiless && length.value_or(0) > 0) return malformed(stream, "less content than was announced");
  stream.length_ = bodiless || endStream ? 0 : length;
  head.body = endStream || bodiless ? BodyFraming::none() : BodyFraming::chunked();
  if (length && head.status != 204) head.body = BodyFraming::ofLength(*length);
  if (head.upgraded) {
    stream.length_.reset();
    head.body = BodyFraming::untilClose();
    if (stream.websocket_) head.status = 101;  // as every version of HTTP/1 says it
  }
  stream.headSeen_ = true;
  if (stream.tunnel_ && !head.upgraded) {  // an answer like any other, to a request that is complete
    stream.tunnel_ = false;
    stream.requestEnded_ = true;
    nghttp2_session_resume_data(session_, stream.id_);
  }
  stream.onResponseHead(head);
  if (endStream && stream.live()) endAnswer(stream, {});
}

void ClientSession::onData(ClientStream& stream, Bytes data) {
  watch_.onContent(data.size());
  if (!stream.headSeen_) return malformed(stream, "content before the head of the answer");
  stream.received_ += data.size();
  if (stream.length_ && stream.received_ > *stream.length_) {
    return malformed(stream,
                     *stream.length_ == 0 ? "content where there can be none" : "more content than was announced");
  }
  if (stream.paused_) {
    stream.unconsumed_ += data.size();
  } else {
    nghttp2_session_consume_stream(session_, stream.id_, data.size());
  }
  stream.onBody(data);
}

void ClientSession::endAnswer(ClientStream& stream, FieldList trailers) {
  if (stream.tunnel_ && !stream.requestEnded_) return stream.onResponseEnd({});  // our side of it goes on
  if (stream.length_ && stream.received_ != *stream.length_)
    return malformed(stream, "less content than was announced");
  const int32_t id = stream.id_;
  detach(stream);
  watch_.onStreamCompleted();
  // It was answered before the request was complete: the rest of it is of no use (RFC 9113 §8.1).
  if (nghttp2_session_get_stream_local_close(session_, id) == 0) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  }
  stream.onResponseEnd(trailers);
  events_.onStreamGone();
}

// It has ended otherwise than by the end of its answer.
void ClientSession::onStreamClosed(ClientStream& stream, ErrorCode code) {
  const bool refused = code == ErrorCode::RefusedStream && !stream.headSeen_;
  if (stream.resetByPeer_ && refused) {
    // Where we could not know yet how many it takes, that is not its fault.
    return failStream(stream, unsentError(Reason::UpstreamReset, "the upstream refused the stream"),
                      stream.beforeSettings_);
  }
  if (stream.resetByPeer_)
    return failStream(stream, upstreamError(Reason::UpstreamReset, "the upstream reset the stream"));
  if (refused && peerLeaves_) {
    return failStream(stream, unsentError(Reason::UpstreamReset, "the upstream went away before it took the request"),
                      peerLeavesInPeace_);
  }
  failStream(stream, malformedAnswer("the upstream broke the rules of HTTP/2"));
}

}  // namespace outrigger::http::h2
