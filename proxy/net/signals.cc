#include "proxy/net/signals.h"

#include <sys/resource.h>

#include <csignal>

namespace outrigger::net {

Signals::Signals(EventLoop& loop, std::initializer_list<int> numbers, std::function<void(int)> onSignal)
    : loop_(loop), onSignal_(std::move(onSignal)) {
  sigemptyset(&numbers_);
  for (const int number : numbers) {
    sigaddset(&numbers_, number);
    watchers_.emplace_back();
    uv_signal_t* watcher = watchers_.back().get();
    uv_signal_init(loop.raw(), watcher);
    watcher->data = this;
    uv_signal_start(
        watcher,
        [](uv_signal_t* handle, int caught) {
          auto* self = static_cast<Signals*>(handle->data);
          if (self == nullptr) return;
          const EventLoop::Callback callback(self->loop_);
          self->onSignal_(caught);
        },
        number);
  }
}

// libuv gives each signal its default action back when its watcher closes.
Signals::~Signals() {
  ::pthread_sigmask(SIG_BLOCK, &numbers_, nullptr);
}

void Signals::ignorePipe() {
  std::signal(SIGPIPE, SIG_IGN);
}

uint64_t raiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace outrigger::net
