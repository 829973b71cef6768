#include "proxy/http/h2/server_session.h"

#include <algorithm>
#include <array>

#include "proxy/http/h2/request_head.h"
#include "proxy/http/h2/response_fields.h"

namespace outrigger::http::h2 {
namespace {

// More of our own answers to PING and SETTINGS than this wait for a peer that does not read.
constexpr size_t kMostOutboundAcks = 500;

// An answer's head may be larger than what callers may send.
constexpr size_t kMostHeaderBlock = 1024 * 1024;

// The library counts a CONTINUATION for each read that brings some of its head; the watch counts frames.
constexpr size_t kMostContinuations = FrameWatch::kMostContinuations * kFrameHead;

// Tells the PING behind the first GOAWAY from others.
constexpr std::array<uint8_t, 8> kLeavePing{'l', 'e', 'a', 'v', 'i', 'n', 'g', '.'};

// Streams share the connection in turns (RFC 9218 §4): one large answer does not hold back the others.
constexpr nghttp2_extpri kShared{.urgency = NGHTTP2_EXTPRI_DEFAULT_URGENCY, .inc = 1};

Bytes text(const uint8_t* at, size_t size) {
  return {reinterpret_cast<const char*>(at), size};
}

bool endsStream(const nghttp2_frame_hd& head) {
  return (head.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

// A stream that we reset with one of these was ended by the peer's fault.
bool isPeersFault(uint32_t code) {
  return code != NGHTTP2_NO_ERROR && code != NGHTTP2_INTERNAL_ERROR && code != NGHTTP2_CANCEL;
}

}  // namespace

/// The functions that nghttp2 calls.
struct ServerSession::Callbacks {
  static ServerSession& of(void* data) { return *static_cast<ServerSession*>(data); }
  static int resultOf(const ServerSession& s) { return s.stopped_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0; }

  static int onBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    const bool request = frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    of(data).onHeadersBegin(request ? HeaderBlock::Kind::Request : HeaderBlock::Kind::Trailers);
    return 0;
  }
  static int onHeader(nghttp2_session*, const nghttp2_frame*, const uint8_t* name, size_t nameSize,
                      const uint8_t* value, size_t valueSize, uint8_t, void* data) {
    ServerSession& s = of(data);
    if (s.block_ == nullptr || s.block_->add(text(name, nameSize), text(value, valueSize))) return 0;
    s.overdo(Guard::HeaderBlock);
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
  static int onFrame(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    ServerSession& s = of(data);
    if (frame->hd.type == NGHTTP2_HEADERS) s.onHeadersEnd(*frame);
    if (frame->hd.type == NGHTTP2_DATA && endsStream(frame->hd)) s.onDataEnd(frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
      s.announcementRead_ = s.announcementRead_ || std::ranges::equal(frame->ping.opaque_data, kLeavePing);
    }
    return resultOf(s);
  }
  static int onDataChunk(nghttp2_session*, uint8_t, int32_t id, const uint8_t* at, size_t size, void* data) {
    of(data).onData(id, text(at, size));
    return resultOf(of(data));
  }
  static int onFrameSent(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    ServerSession& s = of(data);
    const bool ofStream = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (ofStream && endsStream(frame->hd)) s.onStreamEndSent(frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_RST_STREAM && isPeersFault(frame->rst_stream.error_code) &&
        !s.watch_.spend(Guard::Reset)) {
      s.overdo(Guard::Reset);
    }
    return 0;
  }
  static int onFrameNotSent(nghttp2_session*, const nghttp2_frame* frame, int, void* data) {
    if (frame->hd.type == NGHTTP2_HEADERS) of(data).resetFor(frame->hd.stream_id, ErrorCode::InternalError);
    return 0;
  }
  static int onStreamClose(nghttp2_session*, int32_t id, uint32_t, void* data) {
    of(data).onClosed(id);
    return 0;
  }
  static ssize_t readData(nghttp2_session*, int32_t, uint8_t*, size_t most, uint32_t* flags,
                          nghttp2_data_source* source, void* data) {
    return of(data).readBody(*static_cast<ServerStream*>(source->ptr), most, *flags);
  }
  static int sendData(nghttp2_session*, nghttp2_frame*, const uint8_t* head, size_t size, nghttp2_data_source* source,
                      void* data) {
    ServerSession& s = of(data);
    if (s.out_.pending() > kHighWater) return NGHTTP2_ERR_WOULDBLOCK;
    s.writeData(*static_cast<ServerStream*>(source->ptr), text(head, kFrameHead), size);
    return 0;
  }

  static nghttp2_session* make(ServerSession& s) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* options = nullptr;
    nghttp2_session* session = nullptr;
    if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&options) != 0) return nullptr;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onDataChunk);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, onFrameNotSent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, sendData);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_option_set_no_http_messaging(options, 1);  // ours is stricter, and can say what is wrong
    nghttp2_option_set_no_closed_streams(options, 1);
    nghttp2_option_set_max_continuations(options, kMostContinuations);
    nghttp2_option_set_max_outbound_ack(options, kMostOutboundAcks);
    nghttp2_option_set_max_send_header_block_length(options, kMostHeaderBlock);
    nghttp2_option_set_max_deflate_dynamic_table_size(options, kHeaderTable);
    const int failure = nghttp2_session_server_new3(&session, callbacks, &s, options, s.workbench_.memory().port());
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
    return failure == 0 ? session : nullptr;
  }
};

ServerSession::ServerSession(const Setup& setup)
    : turn_(setup.turn),
      workbench_(setup.workbench),
      limits_(setup.limits),
      out_(setup.out),
      events_(setup.events),
      watch_(kPrefaceSize, setup.turn.now),
      session_(Callbacks::make(*this)) {
  failed_ = session_ == nullptr;
  if (!failed_) submitSettings(setup.streams);
}

ServerSession::~ServerSession() = default;

void ServerSession::submitSettings(uint32_t streams) {
  const uint32_t list = limits_.headBytes + limits_.headFields * static_cast<uint32_t>(kFieldOverhead);
  const std::array<nghttp2_settings_entry, 5> entries{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, list},
      {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, entries.data(), entries.size());
  nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

// ---- Reading

bool ServerSession::feed(Bytes input) {
  if (failed_ || stopped_) return false;
  const auto finding = watch_.look(input, turn_.now);
  if (finding.harmless > 0) {
    const auto used =
        nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const uint8_t*>(input.data()), finding.harmless);
    failed_ = used < 0;
    // The library has limits of its own.
    if (failed_ && !stopped_ && used == NGHTTP2_ERR_FLOODED) overdo(Guard::Unread);
    if (failed_ && !stopped_ && inHeaderBlock()) overdo(Guard::Continuation);
  }
  if (stopped_ || failed_) return false;
  if (finding.overdone) overdo(*finding.overdone);
  if (finding.violation) fail(*finding.violation);
  return !failed_ && nghttp2_session_want_read(session_.get()) != 0;
}

ServerStream* ServerSession::find(int32_t id) const {
  return static_cast<ServerStream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
}

void ServerSession::onHeadersBegin(HeaderBlock::Kind kind) {
  if (block_ == nullptr) block_ = workbench_.takeBlock();
  block_->begin(kind, limits_);
}

void ServerSession::onHeadersEnd(const nghttp2_frame& frame) {
  if (block_ == nullptr) return;
  const int32_t id = frame.hd.stream_id;
  if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
    takeRequest(id, endsStream(frame.hd));
  } else if (ServerStream* stream = find(id)) {
    takeTrailers(*stream, endsStream(frame.hd));
  }
  workbench_.giveBack(std::move(block_));
}

void ServerSession::takeRequest(int32_t id, bool complete) {
  const auto storage = workbench_.storage(block_->size());
  auto head = understandRequest(*block_, complete, limits_, storage);
  if (head) {
    events_.onRequest(id, *head);
  } else {
    events_.onBadRequest(id, head.error());
  }
  ServerStream* stream = find(id);
  if (stream == nullptr || stopped_) return;
  stream->broken_ = !head && head.error().reason == Reason::Malformed;
  if (head && head->body.kind == BodyFraming::Kind::Length) {
    stream->lengthKnown_ = true;
    stream->expected_ = head->body.length;
  }
  stream->peerEnded_ = complete;
  const bool upgrade = head && !head->upgrade.empty();
  if (upgrade) stream->upgrade_ = ServerStream::Upgrade::Asked;
  if (complete || upgrade) finishRequest(*stream, {});
}

void ServerSession::takeTrailers(ServerStream& stream, bool complete) {
  if (block_->flaw()) return breakStream(stream, block_->flaw()->detail);
  if (!complete) return breakStream(stream, "trailers that do not end the stream");
  stream.peerEnded_ = true;
  if (stream.upgrade_ != ServerStream::Upgrade::None) return breakStream(stream, "trailers of another protocol");
  const auto storage = workbench_.storage(block_->size());
  finishRequest(stream, block_->fields(storage));
}

void ServerSession::onData(int32_t id, Bytes data) {
  ServerStream* stream = find(id);
  // Behind the end of a request there is only what belongs to another protocol, and where that is refused, nothing.
  const bool refused = stream != nullptr && stream->requestDone_ && stream->upgrade_ == ServerStream::Upgrade::None;
  if (stream == nullptr || refused) {
    nghttp2_session_consume(session_.get(), id, data.size());
    return;
  }
  watch_.onContent(data.size());
  if (stream->lengthKnown_ && data.size() > stream->expected_) {
    return breakStream(*stream, "more content than Content-Length says");
  }
  if (stream->lengthKnown_) stream->expected_ -= data.size();
  if (stream->holdsBack()) {
    if (stream->early_ == nullptr) stream->early_ = std::make_unique<std::string>();
    stream->early_->append(data);  // at most a window's worth
    return holdBack(*stream, data.size());
  }
  events_.onBody(*stream, data);
  if (!stopped_) giveBack(*stream, data.size());
}

// The connection's window is given back whatever a stream does, so that a paused one holds back no other: what it may
// still send is bounded by its own window.
void ServerSession::giveBack(ServerStream& stream, size_t octets) {
  if (!stream.paused_) {
    nghttp2_session_consume(session_.get(), stream.id_, octets);
    return;
  }
  holdBack(stream, octets);
}

void ServerSession::holdBack(ServerStream& stream, size_t octets) {
  nghttp2_session_consume_connection(session_.get(), octets);
  stream.unreturned_ += static_cast<int32_t>(octets);
}

void ServerSession::resume(ServerStream& stream) {
  stream.paused_ = false;
  if (stream.unreturned_ == 0) return;
  nghttp2_session_consume_stream(session_.get(), stream.id_, static_cast<size_t>(stream.unreturned_));
  stream.unreturned_ = 0;
}

void ServerSession::onDataEnd(int32_t id) {
  ServerStream* stream = find(id);
  if (stream == nullptr) return;
  stream->peerEnded_ = true;
  if (stream->wentOver_) {
    events_.onRequestEnd(*stream, {});
  } else if (!stream->holdsBack()) {
    finishRequest(*stream, {});
  }
}

void ServerSession::finishRequest(ServerStream& stream, FieldList trailers) {
  if (stream.requestDone_) return;
  stream.requestDone_ = true;
  if (stream.lengthKnown_ && stream.expected_ > 0) return breakStream(stream, "less content than Content-Length says");
  events_.onRequestEnd(stream, trailers);
}

void ServerSession::breakStream(ServerStream& stream, const char* detail) {
  stream.lengthKnown_ = false;
  reset(stream, ErrorCode::ProtocolError);
  events_.onStreamBroken(stream, downstreamError(Reason::Malformed, detail));
}

void ServerSession::onClosed(int32_t id) {
  ServerStream* stream = find(id);
  if (stream == nullptr) return;
  if (stream->peerEnded_) watch_.onClosedByPeer(static_cast<uint32_t>(id));
  waiting_ -= stream->body_.size();
  if (out_.holdsBorrowed() && !stopped_) out_.flush();  // what is borrowed may be of this stream
  stream->body_.clear();
  stream->unlink();
  events_.onStreamClosed(*stream);
}

// ---- Writing

void ServerSession::open(int32_t id, ServerStream& stream) {
  stream.id_ = id;
  watch_.onStreamOpened();
  nghttp2_session_set_stream_user_data(session_.get(), id, &stream);
  nghttp2_session_change_extpri_stream_priority(session_.get(), id, &kShared, 1);
}

void ServerSession::interim(ServerStream& stream, const ResponseHead& head) {
  if (stream.answered_) return;
  const FieldArray fields(head, workbench_.pairs());
  nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, stream.id_, nullptr, fields.pairs().data(),
                         fields.pairs().size(), nullptr);
}

void ServerSession::answer(ServerStream& stream, const ResponseHead& head) {
  stream.answered_ = true;
  if (stream.upgrade_ == ServerStream::Upgrade::Asked) {
    stream.upgrade_ = head.upgraded ? ServerStream::Upgrade::Granted : ServerStream::Upgrade::None;
    if (head.upgraded) touched_.pushBack(stream);  // for what came early
  }
  const FieldArray fields(head, workbench_.pairs());
  nghttp2_data_provider source{.source = {.ptr = &stream}, .read_callback = Callbacks::readData};
  // The head of an answer without content ends its stream; but not that to a request which must be reset behind it.
  const bool bodiless = (head.headOnly || head.body.isEmpty()) && !head.upgraded && !stream.broken_;
  nghttp2_submit_response(session_.get(), stream.id_, fields.pairs().data(), fields.pairs().size(),
                          bodiless ? nullptr : &source);
}

void ServerSession::body(ServerStream& stream, Bytes data) {
  stream.body_.append(data);
  waiting_ += data.size();
  if (stream.pending() > kHighWater) stream.full_ = true;
  touched_.pushBack(stream);
  if (std::exchange(stream.waitsForData_, false)) nghttp2_session_resume_data(session_.get(), stream.id_);
}

void ServerSession::end(ServerStream& stream, const FieldList& trailers) {
  stream.ended_ = true;
  if (!trailers.empty()) stream.trailers_ = std::make_unique<HeldFields>(trailers);
  if (std::exchange(stream.waitsForData_, false)) nghttp2_session_resume_data(session_.get(), stream.id_);
}

void ServerSession::reset(ServerStream& stream, ErrorCode code) {
  waiting_ -= stream.body_.size();
  stream.body_.clear();
  resetFor(stream.id_, code);
}

void ServerSession::resetFor(int32_t id, ErrorCode code) {
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, static_cast<uint32_t>(code));
}

// The library asks for what fits into a frame and the windows.
ssize_t ServerSession::readBody(ServerStream& stream, size_t most, uint32_t& flags) {
  const size_t octets = std::min(most, stream.body_.size());
  const bool last = stream.ended_ && octets == stream.body_.size();
  if (octets == 0 && !last) {
    stream.waitsForData_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  if (octets > 0) flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (!last) return static_cast<ssize_t>(octets);
  flags |= NGHTTP2_DATA_FLAG_EOF;
  if (stream.broken_) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    resetFor(stream.id_, ErrorCode::ProtocolError);
  } else if (stream.trailers_ != nullptr) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const FieldArray fields(stream.trailers_->list(), workbench_.pairs());
    nghttp2_submit_trailer(session_.get(), stream.id_, fields.pairs().data(), fields.pairs().size());
  }
  return static_cast<ssize_t>(octets);
}

void ServerSession::writeData(ServerStream& stream, Bytes frameHead, size_t octets) {
  out_.copy(frameHead);
  stream.body_.writeTo(out_, octets);
  waiting_ -= octets;
  sent_ += octets;
  watch_.onContent(octets);
  if (stream.full_ && stream.pending() <= kLowWater) touched_.pushBack(stream);
}

// RFC 9113 §8.1: an answer may be complete before its request; the rest of that is not wanted any more.
void ServerSession::onStreamEndSent(int32_t id) {
  watch_.onStreamCompleted();
  const ServerStream* stream = find(id);
  if (stream == nullptr || stream->upgrade_ == ServerStream::Upgrade::Granted) return;
  if (!stream->peerEnded_) resetFor(id, ErrorCode::NoError);
}

void ServerSession::send() {
  if (session_ == nullptr) return;
  while (!stopped_) {
    pump();
    List<ServerStream, TouchedTag> waiting;
    while (ServerStream* stream = touched_.popFront()) {
      stream->body_.keep();
      const bool drained = stream->full_ && stream->pending() <= kLowWater;
      if (drained || stream->goesOver()) waiting.pushBack(*stream);
    }
    if (waiting.empty()) return;
    while (ServerStream* stream = stopped_ ? nullptr : waiting.popFront()) {
      if (stream->goesOver()) goOver(*stream);
      if (!stopped_ && stream->full_ && stream->pending() <= kLowWater) {
        stream->full_ = false;
        events_.onStreamDrained(*stream);
      }
    }
  }
}

// What came before the answer that granted the upgrade, and the end that came behind it.
void ServerSession::goOver(ServerStream& stream) {
  stream.wentOver_ = true;
  if (stream.early_ != nullptr) {
    const Bytes text = *stream.early_;
    turn_.graveyard.bury(std::move(stream.early_));  // valid until the callback has settled
    events_.onBody(stream, text);
    if (!stopped_ && !stream.paused_) resume(stream);
  }
  if (!stopped_ && stream.peerEnded_) events_.onRequestEnd(stream, {});
}

void ServerSession::pump() {
  for (bool more = true; more && !stopped_;) {
    while (out_.pending() <= kHighWater) {
      const uint8_t* data = nullptr;
      const auto size = nghttp2_session_mem_send(session_.get(), &data);
      if (size < 0) failed_ = true;
      if (size <= 0) break;
      out_.copy(text(data, static_cast<size_t>(size)));
    }
    more = out_.pending() > kHighWater;  // or there is nothing more to say
    // The rest waits for what other callbacks of this turn have to say.
    if (more || out_.holdsBorrowed()) out_.flush();
    more = more && !failed_ && out_.pending() <= kHighWater;
  }
}

// ---- The connection

bool ServerSession::over() const {
  if (failed_) return true;
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

void ServerSession::announceLeave() {
  nghttp2_submit_shutdown_notice(session_.get());
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, kLeavePing.data());
}

void ServerSession::leave() {
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_.get()),
                        NGHTTP2_NO_ERROR, nullptr, 0);
}

void ServerSession::fail(ErrorCode code) {
  nghttp2_session_terminate_session(session_.get(), static_cast<uint32_t>(code));
}

void ServerSession::overdo(Guard guard) {
  if (overdone_) return;
  overdone_ = guard;
  fail(ErrorCode::EnhanceYourCalm);
}

}  // namespace outrigger::http::h2
