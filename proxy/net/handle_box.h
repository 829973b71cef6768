// Owns a libuv handle on the heap and gives libuv the time it wants: a handle's memory must outlive uv_close() until
// its callback. The only place in the program that says `delete`.
#pragma once

#include <uv.h>

#include <utility>

namespace outrigger::net {

/// `H` is a uv_*_t, or a union of such that begins with uv_handle_t. Initialise it with the matching uv_*_init at once.
template <class H>
class HandleBox {
 public:
  HandleBox() : handle_(new H()) {}
  HandleBox(HandleBox&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  HandleBox& operator=(HandleBox&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~HandleBox() { close(); }

  H* get() const { return handle_; }
  H* operator->() const { return handle_; }
  explicit operator bool() const { return handle_ != nullptr; }
  template <class As>
  As* as() const {
    return reinterpret_cast<As*>(handle_);
  }

  /// Ends the handle; no callback of it follows. Idempotent.
  void close() {
    if (handle_ != nullptr) uv_close(reinterpret_cast<uv_handle_t*>(release()), freeHandle);
  }

  /// Ends a TCP connection with RST.
  void closeByReset() {
    if (handle_ == nullptr) return;
    H* handle = release();
    if (uv_tcp_close_reset(reinterpret_cast<uv_tcp_t*>(handle), freeHandle) != 0) {
      uv_close(reinterpret_cast<uv_handle_t*>(handle), freeHandle);
    }
  }

 private:
  H* release() {
    H* handle = std::exchange(handle_, nullptr);
    reinterpret_cast<uv_handle_t*>(handle)->data = nullptr;
    return handle;
  }
  static void freeHandle(uv_handle_t* handle) { delete reinterpret_cast<H*>(handle); }

  H* handle_;
};

/// A TCP or a unix stream socket.
union StreamHandle {
  uv_tcp_t tcp;
  uv_pipe_t pipe;
};

}  // namespace outrigger::net
