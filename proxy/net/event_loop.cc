#include "proxy/net/event_loop.h"

#include <sys/random.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>

#include "proxy/net/connection.h"
#include "proxy/net/connector.h"
#include "proxy/net/dns_resolver.h"
#include "proxy/net/name_cache.h"
#include "proxy/net/tls_engine.h"

namespace outrigger::net {
namespace {

Duration clockTime(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::chrono::seconds(t.tv_sec) + Duration(t.tv_nsec);
}

// libuv fails to set itself up only when the kernel is out of everything: there is nothing to go on with.
void require(int result, const char* what) {
  if (result == 0) return;
  std::fprintf(stderr, "outrigger: %s: %s\n", what, uv_strerror(result));
  std::abort();
}

uv_loop_t* initialise(uv_loop_t& loop) {
  require(uv_loop_init(&loop), "uv_loop_init");
  return &loop;
}

}  // namespace

Instant monotonicNow() {
  return Instant(clockTime(CLOCK_MONOTONIC));
}

WallTime wallNow() {
  return WallTime(clockTime(CLOCK_REALTIME));
}

uint64_t randomSeed() {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = static_cast<uint64_t>(clockTime(CLOCK_REALTIME).count());
  return seed;
}

EventLoop::EventLoop(uint64_t seed)
    : turn_(monotonicNow(), wallNow(), seed),
      mailbox_(*this),
      readBuffer_(std::make_unique_for_overwrite<char[]>(kReadBuffer)) {
  initialise(loop_);
  loop_.data = this;
  require(uv_prepare_init(&loop_, prepare_.get()), "uv_prepare_init");
  require(uv_timer_init(&loop_, timer_.get()), "uv_timer_init");
  require(uv_async_init(&loop_, async_.get(),
                        [](uv_async_t* async) {
                          auto& self = *static_cast<EventLoop*>(async->loop->data);
                          const Callback callback(self);
                          self.mailbox_.drain();
                        }),
          "uv_async_init");
  require(uv_prepare_start(prepare_.get(),
                           [](uv_prepare_t* prepare) { static_cast<EventLoop*>(prepare->loop->data)->beforePoll(); }),
          "uv_prepare_start");
  wallOffset_ = turn_.wall.time_since_epoch() - turn_.now.time_since_epoch();
}

EventLoop::~EventLoop() {
  turn_.endTurn();
  tls_.reset();
  names_.reset();
  resolver_.reset();
  prepare_.close();
  timer_.close();
  async_.close();
  // The closing callbacks; a stop() that no run() has seen ends the first one at once.
  while (uv_loop_close(&loop_) == UV_EBUSY) uv_run(&loop_, UV_RUN_DEFAULT);
}

void EventLoop::run() {
  uv_run(&loop_, UV_RUN_DEFAULT);
}

void EventLoop::stop() {
  uv_stop(&loop_);
}

void EventLoop::wake() {
  uv_async_send(async_.get());
}

void EventLoop::refresh() {
  const Instant now = monotonicNow();
  turn_.refresh(now, WallTime(now.time_since_epoch() + wallOffset_));
}

// The last thing of a loop turn: no callback is on the stack.
void EventLoop::beforePoll() {
  turn_.endTurn();
  armTimer();
}

void EventLoop::armTimer() {
  const Instant wake = turn_.timers.nextWake();
  if (wake == armedFor_) return;
  armedFor_ = wake;
  if (wake == kNever) {
    uv_timer_stop(timer_.get());
    return;
  }
  // libuv counts milliseconds of the same monotonic clock; the wheel's ticks are whole ones.
  const auto due = static_cast<uint64_t>(wake.time_since_epoch() / 1ms);
  uv_update_time(&loop_);
  const uint64_t now = uv_now(&loop_);
  uv_timer_start(
      timer_.get(),
      [](uv_timer_t* timer) {
        auto& self = *static_cast<EventLoop*>(timer->loop->data);
        const Callback callback(self);
        self.armedFor_ = kNever;
        self.wallOffset_ = wallNow().time_since_epoch() - self.turn_.now.time_since_epoch();
        self.turn_.timers.advance(self.turn_.now);
      },
      due > now ? due - now : 0, 0);
}

std::unique_ptr<Dial> EventLoop::dial(const Address& to, const DialOptions& options, DialSink& sink) {
  if (options.tls != nullptr) return std::make_unique<TlsDial>(*this, to, options, sink);
  return dialBare(*this, to, sink);
}

std::unique_ptr<Handshake> EventLoop::accept(std::unique_ptr<Transport> transport, Bytes already,
                                             const std::shared_ptr<const TlsServerSettings>& settings,
                                             HandshakeSink& sink) {
  return tls().accept(std::move(transport), already, settings, sink);
}

TlsEngine& EventLoop::tls() {
  if (tls_ == nullptr) {
    tls_ = std::make_unique<TlsEngine>(*this);
    if (handshakes_ != nullptr) tls_->countIn(*handshakes_);
  }
  return *tls_;
}

Resolver& EventLoop::resolver() {
  if (resolver_ == nullptr) resolver_ = std::make_unique<DnsResolver>(*this, DnsOptions{.server = nameServer_});
  return *resolver_;
}

NameCache& EventLoop::names() {
  if (names_ == nullptr) names_ = std::make_unique<NameCache>(turn_, resolver());
  return *names_;
}

std::unique_ptr<Transport> EventLoop::adopt(FileDescriptor socket, const PeerInfo& peer) {
  HandleBox<StreamHandle> handle;
  const bool isUnix = peer.address.family() == Address::Family::Unix;
  const int fd = socket.release();
  int result = 0;
  if (isUnix) {
    uv_pipe_init(&loop_, &handle->pipe, 0);
    result = uv_pipe_open(&handle->pipe, fd);
  } else {
    uv_tcp_init(&loop_, &handle->tcp);
    result = uv_tcp_open(&handle->tcp, fd);
  }
  if (result != 0) {
    ::close(fd);
    return nullptr;
  }
  return std::make_unique<Connection>(*this, std::move(handle), peer);
}

}  // namespace outrigger::net
