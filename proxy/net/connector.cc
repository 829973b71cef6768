#include "proxy/net/connector.h"

#include "proxy/net/connection.h"
#include "proxy/net/named_dial.h"
#include "proxy/net/socket_address.h"
#include "proxy/net/tls_engine.h"

namespace outrigger::net {
namespace {

constexpr unsigned kKeepaliveSeconds = 60;

const char* describe(int error) {
  switch (error) {
    case UV_ECONNREFUSED: return "connection refused";
    case UV_EHOSTUNREACH:
    case UV_ENETUNREACH: return "no way to the host";
    case UV_ETIMEDOUT: return "the host does not answer";
    case UV_ENOENT: return "no socket at that path";
    case UV_EACCES: return "no permission to connect";
    case UV_EMFILE:
    case UV_ENFILE: return "out of file descriptors";
    case UV_EADDRNOTAVAIL: return "out of local ports";
    case UV_ENOBUFS:
    case UV_ENOMEM: return "out of memory for sockets";
    case UV_ECONNRESET: return "connection reset by the peer";
    default: return "the connection could not be made";
  }
}

Origin causeOf(int error) {
  switch (error) {
    case UV_EMFILE:
    case UV_ENFILE:
    case UV_EADDRNOTAVAIL:
    case UV_ENOBUFS:
    case UV_ENOMEM: return Origin::Local;
    default: return Origin::Upstream;
  }
}

}  // namespace

std::unique_ptr<Dial> dialBare(EventLoop& loop, const Address& to, DialSink& sink) {
  if (to.family() == Address::Family::Name) return std::make_unique<NamedDial>(loop, to, sink);
  return std::make_unique<SocketDial>(loop, to, sink);
}

SocketDial::SocketDial(EventLoop& loop, const Address& to, DialSink& sink) : loop_(loop), to_(to), sink_(sink) {
  failure_ = begin();
  if (failure_ != 0) loop_.turn().settleLater(*this);
}

int SocketDial::begin() {
  auto request = std::make_unique<uv_connect_t>();
  int error = 0;
  if (to_.family() == Address::Family::Unix) {
    uv_pipe_init(loop_.raw(), &handle_->pipe, 0);
    uv_pipe_connect(request.get(), &handle_->pipe, to_.path().c_str(), onConnect);
  } else {
    uv_tcp_init(loop_.raw(), &handle_->tcp);
    const SocketAddress address = toSocketAddress(to_);
    error = uv_tcp_connect(request.get(), &handle_->tcp, address.get(), onConnect);
  }
  handle_.as<uv_handle_t>()->data = this;
  if (error == 0) static_cast<void>(request.release());  // onConnect, which is always called, takes it back
  return error;
}

SocketDial::~SocketDial() = default;

void SocketDial::fail(int error) {
  sink_.onDialFailed({Reason::ConnectFailed, causeOf(error), true, describe(error)});
}

void SocketDial::onConnect(uv_connect_t* request, int status) {
  const std::unique_ptr<uv_connect_t> taken(request);
  auto* self = static_cast<SocketDial*>(request->handle->data);
  if (self == nullptr) return;  // withdrawn
  const EventLoop::Callback callback(self->loop_);
  if (status != 0) return self->fail(status);
  if (self->to_.isIp()) {
    uv_tcp_nodelay(&self->handle_->tcp, 1);
    uv_tcp_keepalive(&self->handle_->tcp, 1, kKeepaliveSeconds);
  }
  self->sink_.onConnected(std::make_unique<Connection>(self->loop_, std::move(self->handle_), PeerInfo{self->to_}));
}

TlsDial::TlsDial(EventLoop& loop, const Address& to, const DialOptions& options, DialSink& sink)
    : loop_(loop), to_(to), options_(options), sink_(sink) {
  DialSink& self = *this;
  dial_ = dialBare(loop, to, self);
}

TlsDial::~TlsDial() = default;

void TlsDial::onConnected(std::unique_ptr<Transport> transport) {
  loop_.turn().graveyard.bury(std::move(dial_));
  HandshakeSink& self = *this;
  handshake_ = loop_.tls().connect(std::move(transport), to_.text(), options_, self);
}

}  // namespace outrigger::net
