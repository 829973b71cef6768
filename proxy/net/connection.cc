#include "proxy/net/connection.h"

#include <poll.h>

#include <array>
#include <cstring>

namespace outrigger::net {
namespace {

constexpr size_t kMostPieces = 8;

/// What the kernel did not take, with libuv's request in front of it.
struct PendingWrite {
  uv_write_t request;
  std::unique_ptr<char[]> bytes;
  size_t size;
};

const char* describe(int error) {
  switch (error) {
    case UV_ECONNRESET: return "connection reset by the peer";
    case UV_EPIPE: return "the peer has closed the connection";
    case UV_ETIMEDOUT: return "the connection timed out";
    default: return "the connection failed";
  }
}

}  // namespace

Connection::Connection(EventLoop& loop, HandleBox<StreamHandle> handle, const PeerInfo& peer)
    : loop_(loop), handle_(std::move(handle)), peer_(peer) {
  handle_.as<uv_handle_t>()->data = this;
}

void Connection::attach(TransportSink& sink) {
  const bool first = sink_ == nullptr;
  sink_ = &sink;
  if (first) startReading();
}

void Connection::startReading() {
  if (!handle_) return;
  const int error = uv_read_start(stream(), onAllocate, onRead);
  reading_ = error == 0;
  if (error != 0) fail(describe(error));
}

void Connection::onAllocate(uv_handle_t* handle, size_t, uv_buf_t* buffer) {
  auto& loop = *static_cast<EventLoop*>(handle->loop->data);
  *buffer = uv_buf_init(loop.readBuffer(), EventLoop::kReadBuffer);
}

void Connection::onRead(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
  auto* self = static_cast<Connection*>(stream->data);
  if (self == nullptr || size == 0) return;
  const EventLoop::Callback callback(self->loop_);
  if (size > 0) return self->sink_->onBytes({buffer->base, static_cast<size_t>(size)});
  self->reading_ = false;
  if (self->failure_ != nullptr) return self->sink_->onLost(self->failure_);
  if (size == UV_EOF) return self->sink_->onEnd();
  self->sink_->onLost(describe(static_cast<int>(size)));
}

void Connection::write(std::span<const Bytes> pieces) {
  if (!handle_) return;
  size_t total = 0;
  for (const Bytes piece : pieces) total += piece.size();
  if (failure_ != nullptr) {
    unwritten_ += total;
    return;
  }
  // Whoever counts what it gives may stop here, although the kernel takes all of it at once: then it is told so.
  if (queued() + total > kHighWater) aboveHighWater_ = true;
  size_t taken = 0;
  if (queued() == 0) {
    std::array<uv_buf_t, kMostPieces> buffers;
    const size_t count = std::min(pieces.size(), kMostPieces);
    for (size_t i = 0; i < count; ++i) {
      buffers[i] = uv_buf_init(const_cast<char*>(pieces[i].data()), static_cast<unsigned>(pieces[i].size()));
    }
    const int result = uv_try_write(stream(), buffers.data(), static_cast<unsigned>(count));
    if (result < 0 && result != UV_EAGAIN) return failWrite(result, total);
    taken = result > 0 ? static_cast<size_t>(result) : 0;
  }
  if (taken < total) queue(pieces, taken);
  if (aboveHighWater_ && queued() <= kLowWater) loop_.turn().settleLater(*this);
}

void Connection::queue(std::span<const Bytes> pieces, size_t skip) {
  size_t size = 0;
  for (const Bytes piece : pieces) size += piece.size();
  size -= skip;
  auto pending = std::make_unique<PendingWrite>();
  pending->size = size;
  pending->bytes = std::make_unique_for_overwrite<char[]>(size);
  pending->request.data = this;
  char* at = pending->bytes.get();
  for (Bytes piece : pieces) {
    const size_t skipped = std::min(skip, piece.size());
    skip -= skipped;
    piece.remove_prefix(skipped);
    std::memcpy(at, piece.data(), piece.size());
    at += piece.size();
  }
  const uv_buf_t buffer = uv_buf_init(pending->bytes.get(), static_cast<unsigned>(size));
  const int error = uv_write(&pending->request, stream(), &buffer, 1, onWritten);
  if (error != 0) return failWrite(error, size);
  static_cast<void>(pending.release());  // onWritten takes it back
}

void Connection::onWritten(uv_write_t* request, int status) {
  const std::unique_ptr<PendingWrite> pending(reinterpret_cast<PendingWrite*>(request));
  // The stream's own pointer is cleared when the connection is gone; the request's is not.
  auto* self = static_cast<Connection*>(request->handle->data);
  if (self == nullptr) return;
  const EventLoop::Callback callback(self->loop_);
  if (status < 0) return self->failWrite(status, pending->size);
  self->tellDrained();
}

void Connection::tellDrained() {
  if (!aboveHighWater_ || queued() > kLowWater) return;
  aboveHighWater_ = false;
  sink_->onDrained();
}

size_t Connection::queued() const {
  return handle_ ? uv_stream_get_write_queue_size(stream()) + unwritten_ : 0;
}

void Connection::pause() {
  if (!handle_) return;
  uv_read_stop(stream());
  reading_ = false;
  if (failure_ != nullptr) loop_.turn().settleLater(*this);  // nobody else would tell
}

void Connection::resume() {
  if (handle_ && failure_ == nullptr) startReading();
}

void Connection::shutdown() {
  if (!handle_ || failure_ != nullptr) return;
  auto request = std::make_unique<uv_shutdown_t>();
  const auto done = [](uv_shutdown_t* finished, int) { std::unique_ptr<uv_shutdown_t> last(finished); };
  if (uv_shutdown(request.get(), stream(), done) == 0) static_cast<void>(request.release());
}

void Connection::close(CloseMode mode) {
  AtSettle::unlink();
  const bool isTcp = handle_ && handle_.as<uv_handle_t>()->type == UV_TCP;
  if (mode == CloseMode::Reset && isTcp) {
    handle_.closeByReset();
  } else {
    handle_.close();
  }
}

// A peer that has gone may have answered before: that is still to be read, and behind it the end, which then tells.
void Connection::failWrite(int error, size_t size) {
  unwritten_ += size;
  const bool gone = error == UV_EPIPE || error == UV_ECONNRESET;
  if (!gone || !reading_) return fail(describe(error));
  if (failure_ == nullptr) failure_ = describe(error);
}

void Connection::fail(const char* why) {
  if (failure_ != nullptr) return;
  failure_ = why;
  if (reading_) uv_read_stop(stream());
  reading_ = false;
  loop_.turn().settleLater(*this);
}

void Connection::atSettle() {
  if (!handle_ || sink_ == nullptr || (failure_ != nullptr && reading_)) return;
  if (failure_ != nullptr) return sink_->onLost(failure_);
  tellDrained();
}

Transport::PeerState Connection::probe() {
  int fd = -1;
  if (!handle_ || failure_ != nullptr || uv_fileno(handle_.as<uv_handle_t>(), &fd) != 0) return PeerState::Broken;
  pollfd watched{.fd = fd, .events = POLLIN | POLLRDHUP, .revents = 0};
  if (::poll(&watched, 1, 0) < 0) return PeerState::Broken;
  if ((watched.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return PeerState::Broken;
  return watched.revents == 0 ? PeerState::Quiet : PeerState::Spoken;
}

}  // namespace outrigger::net
