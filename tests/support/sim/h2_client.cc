#include "tests/support/sim/h2_client.h"

#include <algorithm>
#include <cstring>

namespace outrigger::sim {
namespace {

std::vector<nghttp2_nv> pairsOf(const test::Headers& headers) {
  const auto octets = [](const std::string& text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  std::vector<nghttp2_nv> pairs;
  for (const auto& [name, value] : headers) {
    pairs.push_back({octets(name), octets(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return pairs;
}

}  // namespace

std::string H2Client::Answer::header(const std::string& name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

struct H2Client::Callbacks {
  static H2Client& of(void* data) { return *static_cast<H2Client*>(data); }

  static int onHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t nameSize,
                      const uint8_t* value, size_t valueSize, uint8_t, void* data) {
    Answer& answer = of(data).answers_[frame->hd.stream_id];
    const std::string field(reinterpret_cast<const char*>(name), nameSize);
    const std::string text(reinterpret_cast<const char*>(value), valueSize);
    if (field == ":status") {
      const int status = std::stoi(text);
      if (status < 200) {
        answer.interims.push_back(status);
      } else {
        answer.status = status;
      }
      return 0;
    }
    const bool trailers = frame->headers.cat == NGHTTP2_HCAT_HEADERS && answer.status != 0 && !answer.headers.empty() &&
                          (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    (trailers ? answer.trailers : answer.headers).emplace_back(field, text);
    return 0;
  }
  static int onData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* at, size_t size, void* data) {
    of(data).answers_[id].body.append(reinterpret_cast<const char*>(at), size);
    return 0;
  }
  static int onFrame(nghttp2_session*, const nghttp2_frame* frame, void* data) {
    H2Client& c = of(data);
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) && ends) {
      c.answers_[frame->hd.stream_id].complete = true;
    }
    if (frame->hd.type == NGHTTP2_RST_STREAM) c.answers_[frame->hd.stream_id].reset = frame->rst_stream.error_code;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
      c.goAways_.emplace_back(frame->goaway.last_stream_id, frame->goaway.error_code);
    }
    return 0;
  }
  static ssize_t read(nghttp2_session* session, int32_t id, uint8_t* to, size_t most, uint32_t* flags,
                      nghttp2_data_source*, void* data) {
    Body& body = of(data).bodies_[id];
    const size_t size = std::min(most, body.octets.size());
    if (size == 0 && !body.ended) return NGHTTP2_ERR_DEFERRED;
    std::memcpy(to, body.octets.data(), size);
    body.octets.erase(0, size);
    if (!body.ended || !body.octets.empty()) return static_cast<ssize_t>(size);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!body.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const auto pairs = pairsOf(body.trailers);
      nghttp2_submit_trailer(session, id, pairs.data(), pairs.size());
    }
    return static_cast<ssize_t>(size);
  }
};

H2Client::H2Client(std::unique_ptr<MemoryTransport> transport, Windows windows) : transport_(std::move(transport)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* options = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::onHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::onData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::onFrame);
  nghttp2_option_new(&options);
  nghttp2_option_set_no_auto_window_update(options, windows.returned ? 0 : 1);
  nghttp2_option_set_no_http_messaging(options, 1);  // what is wrong is said by the tests
  nghttp2_session_client_new2(&session_, callbacks, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry window{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, windows.stream};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
  transport_->attach(*this);
  flush();
}

H2Client::~H2Client() {
  nghttp2_session_del(session_);
}

int32_t H2Client::submit(const std::string& method, const std::string& authority, const std::string& path,
                         const test::Headers& headers, bool withBody) {
  test::Headers all{{":method", method}, {":scheme", "http"}, {":path", path}, {":authority", authority}};
  all.insert(all.end(), headers.begin(), headers.end());
  const auto pairs = pairsOf(all);
  const nghttp2_data_provider provider{.source = {.ptr = nullptr}, .read_callback = Callbacks::read};
  return nghttp2_submit_request(session_, nullptr, pairs.data(), pairs.size(), withBody ? &provider : nullptr, nullptr);
}

int32_t H2Client::ask(const std::string& method, const std::string& authority, const std::string& path,
                      const test::Headers& headers, const std::string& body) {
  const int32_t id = submit(method, authority, path, headers, !body.empty());
  if (!body.empty()) bodies_[id] = {body, true, {}};
  flush();
  return id;
}

int32_t H2Client::begin(const std::string& method, const std::string& authority, const std::string& path,
                        const test::Headers& headers) {
  const int32_t id = submit(method, authority, path, headers, true);
  bodies_[id] = {};
  flush();
  return id;
}

void H2Client::body(int32_t stream, const std::string& octets) {
  bodies_[stream].octets += octets;
  nghttp2_session_resume_data(session_, stream);
  flush();
}

void H2Client::end(int32_t stream, const test::Headers& trailers) {
  bodies_[stream].ended = true;
  bodies_[stream].trailers = trailers;
  nghttp2_session_resume_data(session_, stream);
  flush();
}

void H2Client::reset(int32_t stream, uint32_t code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, code);
  flush();
}

void H2Client::giveWindow(int32_t stream, int32_t octets) {
  nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, stream, octets);
  flush();
}

void H2Client::ping() {
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  flush();
}

size_t H2Client::complete() const {
  return static_cast<size_t>(std::ranges::count_if(answers_, [](const auto& entry) { return entry.second.complete; }));
}

void H2Client::onBytes(Bytes data) {
  nghttp2_session_mem_recv(session_, reinterpret_cast<const uint8_t*>(data.data()), data.size());
  flush();
}

void H2Client::flush() {
  const uint8_t* data = nullptr;
  for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &data)) > 0;) {
    transport_->write(Bytes(reinterpret_cast<const char*>(data), static_cast<size_t>(size)));
  }
}

}  // namespace outrigger::sim
