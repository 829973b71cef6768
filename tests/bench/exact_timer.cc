#include "tests/bench/exact_timer.h"

#include <sys/timerfd.h>

#include <algorithm>
#include <stdexcept>

namespace outrigger::bench {

ExactTimer::ExactTimer(net::EventLoop& loop, std::function<void()> fire)
    : loop_(loop), fire_(std::move(fire)), fd_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (!fd_ || uv_poll_init(loop.raw(), watcher_.get(), fd_.get()) != 0) throw std::runtime_error("no timerfd");
  watcher_->data = this;
  uv_poll_start(watcher_.get(), UV_READABLE, onReadable);
}

void ExactTimer::arm(Instant due) {
  itimerspec when{};
  if (due != kNever) {
    // A zero would disarm; the monotonic clock's zero is the machine's start, so anything past fires at once.
    const int64_t nanoseconds = std::max<int64_t>(due.time_since_epoch().count(), 1);
    when.it_value = {.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
  }
  timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void ExactTimer::onReadable(uv_poll_t* poll, int, int) {
  auto& self = *static_cast<ExactTimer*>(poll->data);
  const net::EventLoop::Callback callback(self.loop_);
  uint64_t expirations = 0;
  if (::read(self.fd_.get(), &expirations, sizeof expirations) == sizeof expirations) self.fire_();
}

}  // namespace outrigger::bench
