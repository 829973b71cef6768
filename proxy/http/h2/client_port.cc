#include "proxy/http/h2/client_port.h"

#include <algorithm>

#include "proxy/http/h2/client_lines.h"
#include "proxy/http/h2/settings.h"

namespace outrigger::http::h2 {
namespace {

// What an upstream may make us hold of one head, as in HTTP/1.
constexpr HeadLimits kResponseLimits{.headBytes = 60 * 1024, .headFields = 200, .targetBytes = 8 * 1024};

// A request's head is held to the limits of the side where it came from; this only has to be larger.
constexpr size_t kMostSentHead = 256 * 1024;

Bytes view(const uint8_t* octets, size_t size) {
  return {reinterpret_cast<const char*>(octets), size};
}

struct OptionsEnd {
  void operator()(nghttp2_option* options) const { nghttp2_option_del(options); }
};
struct CallbacksEnd {
  void operator()(nghttp2_session_callbacks* callbacks) const { nghttp2_session_callbacks_del(callbacks); }
};

// Messages are judged by HeaderBlock and ClientSession, and windows follow back-pressure.
std::unique_ptr<nghttp2_option, OptionsEnd> makeOptions() {
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_no_http_messaging(options, 1);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_closed_streams(options, 1);
  nghttp2_option_set_peer_max_concurrent_streams(options, ClientSession::kMostStreams);
  nghttp2_option_set_max_deflate_dynamic_table_size(options, kHeaderTable);
  nghttp2_option_set_max_send_header_block_length(options, kMostSentHead);
  return std::unique_ptr<nghttp2_option, OptionsEnd>(options);
}

std::unique_ptr<nghttp2_session_callbacks, CallbacksEnd> makeCallbacks() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, ClientPort::onBeginFrame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, ClientPort::onBeginHeaders);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, ClientPort::onHeader);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, ClientPort::onFrame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, ClientPort::onData);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, ClientPort::onClose);
  nghttp2_session_callbacks_set_before_frame_send_callback(callbacks, ClientPort::beforeSend);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, ClientPort::onNotSent);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, ClientPort::sendContent);
  return std::unique_ptr<nghttp2_session_callbacks, CallbacksEnd>(callbacks);
}

void submitSettings(nghttp2_session* session) {
  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kResponseLimits.headBytes}}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

}  // namespace

nghttp2_session* ClientPort::make(ClientSession& session, Memory& memory) {
  nghttp2_session* made = nullptr;
  nghttp2_session_client_new3(&made, makeCallbacks().get(), &session, makeOptions().get(), memory.port());
  submitSettings(made);
  return made;
}

nghttp2_data_provider ClientPort::content() {
  return {{.ptr = nullptr}, readContent};
}

int ClientPort::onBeginFrame(nghttp2_session*, const nghttp2_frame_hd* frame, void* data) {
  ClientSession& session = of(data);
  if (frame->type == NGHTTP2_PUSH_PROMISE) {  // RFC 9113 §8.4: we have said that we take none
    session.fail(ErrorCode::ProtocolError, upstreamError(Reason::UpstreamMalformed, "the upstream pushes"));
  }
  return session.failure_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

int ClientPort::onBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* data) {
  ClientSession& session = of(data);
  if (session.failure_) return NGHTTP2_ERR_CALLBACK_FAILURE;
  const ClientStream* stream = session.find(frame->hd.stream_id);
  const bool trailers = stream != nullptr && stream->headSeen_;
  if (session.block_ == nullptr) session.block_ = session.bench_.takeBlock();
  session.block_->begin(trailers ? HeaderBlock::Kind::Trailers : HeaderBlock::Kind::Response, kResponseLimits);
  return 0;
}

int ClientPort::onHeader(nghttp2_session*, const nghttp2_frame*, const uint8_t* name, size_t nameSize,
                         const uint8_t* value, size_t valueSize, uint8_t, void* data) {
  ClientSession& session = of(data);
  if (session.block_ == nullptr || session.block_->add(view(name, nameSize), view(value, valueSize))) return 0;
  session.overdo(Guard::HeaderBlock);
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int ClientPort::onFrame(nghttp2_session*, const nghttp2_frame* frame, void* data) {
  ClientSession& session = of(data);
  session.onFrame(*frame);
  return session.failure_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

int ClientPort::onData(nghttp2_session* library, uint8_t, int32_t id, const uint8_t* octets, size_t size, void* data) {
  ClientSession& session = of(data);
  // The connection's window is given back at once: a stream that is paused must not hold up the others.
  nghttp2_session_consume_connection(library, size);
  if (ClientStream* stream = session.find(id)) session.onData(*stream, view(octets, size));
  return session.failure_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

int ClientPort::onClose(nghttp2_session* library, int32_t id, uint32_t code, void* data) {
  auto* stream = static_cast<ClientStream*>(nghttp2_session_get_stream_user_data(library, id));
  if (stream != nullptr) of(data).onStreamClosed(*stream, static_cast<ErrorCode>(code));
  return 0;
}

int ClientPort::beforeSend(nghttp2_session*, const nghttp2_frame* frame, void* data) {
  ClientSession& session = of(data);
  if (frame->hd.type == NGHTTP2_HEADERS) {
    if (ClientStream* stream = session.find(frame->hd.stream_id); stream != nullptr && !stream->handedOver_) {
      stream->handedOver_ = true;
      session.watch_.earn(Guard::Reset, 1);  // the peer may refuse what we ask, once
      stream->beforeSettings_ = !session.greeted_;
    }
  }
  const bool complains = frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR;
  if (complains && !session.failure_) {
    session.failure_ = upstreamError(Reason::UpstreamMalformed, "the upstream broke the rules of HTTP/2");
  }
  return 0;
}

// A request that the library does not let out any more. Whoever waits for it is told behind the write.
int ClientPort::onNotSent(nghttp2_session*, const nghttp2_frame* frame, int, void* data) {
  ClientSession& session = of(data);
  if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
    session.live_.forEach([frame](ClientStream& stream) {
      if (stream.id_ == frame->hd.stream_id) stream.stopped_ = true;
    });
    session.anyStopped_ = true;
  }
  return 0;
}

ssize_t ClientPort::readContent(nghttp2_session* library, int32_t id, uint8_t*, size_t size, uint32_t* flags,
                                nghttp2_data_source*, void* data) {
  const ClientStream* stream = of(data).find(id);
  if (stream == nullptr) return NGHTTP2_ERR_DEFERRED;
  const size_t taken = std::min(size, stream->body_.size());
  if (taken == 0 && !stream->requestEnded_) return NGHTTP2_ERR_DEFERRED;
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (stream->requestEnded_ && taken == stream->body_.size()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!stream->trailers_.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      submitTrailers(library, id, *stream);
    }
  }
  return static_cast<ssize_t>(taken);
}

void ClientPort::submitTrailers(nghttp2_session* session, int32_t id, const ClientStream& stream) {
  std::vector<nghttp2_nv> lines;
  for (const auto& [name, value] : stream.trailers_) lines.push_back(line(name, value));
  nghttp2_submit_trailer(session, id, lines.data(), lines.size());
}

int ClientPort::sendContent(nghttp2_session*, nghttp2_frame* frame, const uint8_t* head, size_t size,
                            nghttp2_data_source*, void* data) {
  ClientSession& session = of(data);
  session.out_->copy(view(head, kFrameHead));
  if (size == 0) return 0;
  session.watch_.onContent(size);
  session.find(frame->hd.stream_id)->body_.writeTo(*session.out_, size);
  return 0;
}

}  // namespace outrigger::http::h2
