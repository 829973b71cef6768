#include "proxy/net/dns_resolver.h"

#include <ares.h>

#include "proxy/net/name_lookup.h"
#include "proxy/net/service_lookup.h"

namespace outrigger::net {

DnsResolver::DnsResolver(EventLoop& loop, DnsOptions options) : loop_(loop), options_(std::move(options)) {}

DnsResolver::~DnsResolver() {
  closeChannel();
}

std::unique_ptr<Resolution> DnsResolver::resolve(const std::string& name, uint16_t port, ResolveSink& sink) {
  auto lookup = std::make_unique<NameLookup>(*this, name, port, sink);
  ask(*lookup);
  return lookup;
}

std::unique_ptr<Resolution> DnsResolver::resolveService(const std::string& name, ResolveSink& sink) {
  auto lookup = std::make_unique<ServiceLookup>(*this, name, sink);
  ask(*lookup);
  return lookup;
}

// ---- Queries, so many at a time

void DnsResolver::ask(DnsQuery& query) {
  if (underWay_ < options_.atOnce && line_.empty()) return begin(query);
  if (line_.count() >= options_.waiting) return query.end(ARES_ENOMEM);
  line_.pushBack(query);
}

void DnsResolver::begin(DnsQuery& query) {
  if (stale_ && underWay_ == 0) closeChannel();
  if (!openChannel()) return query.end(ARES_EFILE);
  ++underWay_;
  query.begin(channel_);
  armTimer();
}

// May be called by c-ares from inside a call of ours: the next query begins when that has returned.
void DnsResolver::onQueryEnded(int status) {
  --underWay_;
  if (status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED) stale_ = true;
  if (!line_.empty()) loop_.turn().timers.arm(room_, loop_.turn().now);
}

void DnsResolver::atRoom() {
  while (underWay_ < options_.atOnce) {
    DnsQuery* next = line_.popFront();
    if (next == nullptr) return;
    begin(*next);
  }
}

// ---- c-ares on the loop

bool DnsResolver::openChannel() {
  if (channel_ != nullptr) return true;
  ares_options options{};
  options.timeout = static_cast<int>(options_.timeout / 1ms);
  options.tries = options_.tries;
  options.sock_state_cb = [](void* self, ares_socket_t socket, int reads, int writes) {
    static_cast<DnsResolver*>(self)->onSocket(socket, reads != 0, writes != 0);
  };
  options.sock_state_cb_data = this;
  if (ares_init_options(&channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) != 0) {
    channel_ = nullptr;
    return false;
  }
  if (options_.server) ares_set_servers_ports_csv(channel_, options_.server->text().c_str());
  return true;
}

void DnsResolver::closeChannel() {
  stale_ = false;
  if (channel_ == nullptr) return;
  ares_destroy(channel_);  // ends the queries that were given up
  channel_ = nullptr;
  sockets_.clear();
  timer_.disarm();
}

// c-ares is about to close a socket of which it wants neither.
void DnsResolver::onSocket(int socket, bool reads, bool writes) {
  if (!reads && !writes) {
    sockets_.erase(socket);
    return;
  }
  auto [at, fresh] = sockets_.try_emplace(socket);
  uv_poll_t* poll = at->second.get();
  if (fresh) {
    uv_poll_init(loop_.raw(), poll, socket);
    poll->data = this;
  }
  uv_poll_start(poll, (reads ? UV_READABLE : 0) | (writes ? UV_WRITABLE : 0), onReady);
}

void DnsResolver::onReady(uv_poll_t* poll, int status, int events) {
  auto& self = *static_cast<DnsResolver*>(poll->data);
  const EventLoop::Callback callback(self.loop_);
  uv_os_fd_t socket = ARES_SOCKET_BAD;
  uv_fileno(reinterpret_cast<uv_handle_t*>(poll), &socket);
  const bool reads = status != 0 || (events & UV_READABLE) != 0;  // an error shows itself to who reads
  const bool writes = status != 0 || (events & UV_WRITABLE) != 0;
  ares_process_fd(self.channel_, reads ? socket : ARES_SOCKET_BAD, writes ? socket : ARES_SOCKET_BAD);
  self.armTimer();
}

void DnsResolver::onTimer() {
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  armTimer();
}

void DnsResolver::armTimer() {
  timeval left{};
  if (channel_ == nullptr || ares_timeout(channel_, nullptr, &left) == nullptr) return timer_.disarm();
  const Duration wait = std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
  loop_.turn().timers.arm(timer_, loop_.turn().now + wait);
}

}  // namespace outrigger::net
