// A Transport over a libuv stream socket. Writes go to the kernel at once (uv_try_write, gathered); only what it does
// not take is copied and queued. Reads land in the loop's one buffer. On the loop's thread.
#pragma once

#include "proxy/base/transport.h"
#include "proxy/net/event_loop.h"

namespace outrigger::net {

class Connection final : public Transport, private AtSettle {
 public:
  /// `handle` is connected.
  Connection(EventLoop& loop, HandleBox<StreamHandle> handle, const PeerInfo& peer);
  ~Connection() override { close(CloseMode::Normal); }

  void attach(TransportSink& sink) override;
  void write(std::span<const Bytes> pieces) override;
  size_t queued() const override;
  void pause() override;
  void resume() override;
  void shutdown() override;
  void close(CloseMode mode) override;
  PeerState probe() override;
  const PeerInfo& peer() const override { return peer_; }

 private:
  static void onRead(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer);
  static void onAllocate(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer);
  static void onWritten(uv_write_t* request, int status);

  void startReading();
  void queue(std::span<const Bytes> pieces, size_t skip);
  void tellDrained();
  void failWrite(int error, size_t size);
  void fail(const char* why);
  void atSettle() override;
  uv_stream_t* stream() const { return handle_.as<uv_stream_t>(); }

  EventLoop& loop_;
  HandleBox<StreamHandle> handle_;
  TransportSink* sink_ = nullptr;
  PeerInfo peer_;
  const char* failure_ =
      nullptr;            // told when the running callback settles; while reading, behind what is still to read
  size_t unwritten_ = 0;  // bytes that a failed write has dropped
  bool reading_ = false;
  bool aboveHighWater_ = false;
};

}  // namespace outrigger::net
