// A timer for measurements: the kernel's timerfd, exact to some 50 us where the worker's wheel counts whole
// milliseconds. On the loop's thread; belongs to whoever measures.
#pragma once

#include <functional>

#include "proxy/net/event_loop.h"

namespace outrigger::bench {

class ExactTimer {
 public:
  ExactTimer(net::EventLoop& loop, std::function<void()> fire);

  /// One call of `fire` at `due` or at once, if that is past; replaces what was armed. kNever disarms.
  void arm(Instant due);

 private:
  static void onReadable(uv_poll_t* poll, int status, int events);

  net::EventLoop& loop_;
  std::function<void()> fire_;
  net::FileDescriptor fd_;
  net::HandleBox<uv_poll_t> watcher_;
};

}  // namespace outrigger::bench
