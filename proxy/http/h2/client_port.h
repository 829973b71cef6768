// What nghttp2 calls on behalf of a ClientSession. Only client_session.cc uses it.
#pragma once

#include "proxy/http/h2/client_session.h"

namespace outrigger::http::h2 {

struct ClientPort {
  /// A session of the library that reports to `session`.
  static nghttp2_session* make(ClientSession& session, Memory& memory);
  /// Where a stream's content is taken from.
  static nghttp2_data_provider content();

  static ClientSession& of(void* data) { return *static_cast<ClientSession*>(data); }

  static int onBeginFrame(nghttp2_session*, const nghttp2_frame_hd* frame, void* data);
  static int onBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* data);
  static int onHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t nameSize,
                      const uint8_t* value, size_t valueSize, uint8_t flags, void* data);
  static int onFrame(nghttp2_session*, const nghttp2_frame* frame, void* data);
  static int onData(nghttp2_session*, uint8_t flags, int32_t id, const uint8_t* octets, size_t size, void* data);
  static int onClose(nghttp2_session*, int32_t id, uint32_t code, void* data);
  static int beforeSend(nghttp2_session*, const nghttp2_frame* frame, void* data);
  static int onNotSent(nghttp2_session*, const nghttp2_frame* frame, int why, void* data);
  static ssize_t readContent(nghttp2_session*, int32_t id, uint8_t* buffer, size_t size, uint32_t* flags,
                             nghttp2_data_source* source, void* data);
  static int sendContent(nghttp2_session*, nghttp2_frame* frame, const uint8_t* head, size_t size,
                         nghttp2_data_source* source, void* data);
  static void submitTrailers(nghttp2_session* session, int32_t id, const ClientStream& stream);
};

}  // namespace outrigger::http::h2
