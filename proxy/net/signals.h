// Signals as calls on a loop's thread.
#pragma once

#include <csignal>
#include <functional>
#include <vector>

#include "proxy/net/event_loop.h"

namespace outrigger::net {

class Signals {
 public:
  /// `onSignal(number)` runs on `loop`'s thread for each of `numbers`, from now on.
  Signals(EventLoop& loop, std::initializer_list<int> numbers, std::function<void(int)> onSignal);
  /// From now on this thread takes none of `numbers`: once it is the only one, they no longer end the process.
  ~Signals();

  /// A write to a closed connection is an error value, not the end of the process.
  static void ignorePipe();

 private:
  EventLoop& loop_;
  std::function<void(int)> onSignal_;
  sigset_t numbers_{};
  std::vector<HandleBox<uv_signal_t>> watchers_;
};

/// Raises the limit on open descriptors to what the system allows; returns it.
uint64_t raiseDescriptorLimit();

}  // namespace outrigger::net
