// Opens connections: to one TCP or unix socket, to a name (named_dial), with TLS on top. On the loop's thread.
#pragma once

#include "proxy/base/dialer.h"
#include "proxy/net/event_loop.h"

namespace outrigger::net {

/// By socket or by name, as `to` wants it; nothing on top.
std::unique_ptr<Dial> dialBare(EventLoop& loop, const Address& to, DialSink& sink);

class SocketDial final : public Dial, private AtSettle {
 public:
  /// `to` is an IP address or a unix socket.
  SocketDial(EventLoop& loop, const Address& to, DialSink& sink);
  ~SocketDial() override;

 private:
  static void onConnect(uv_connect_t* request, int status);
  int begin();
  void fail(int error);
  void atSettle() override { fail(failure_); }

  EventLoop& loop_;
  Address to_;
  DialSink& sink_;
  HandleBox<StreamHandle> handle_;
  int failure_ = 0;
};

/// Connects, and then shakes hands.
class TlsDial final : public Dial, private DialSink, private HandshakeSink {
 public:
  TlsDial(EventLoop& loop, const Address& to, const DialOptions& options, DialSink& sink);
  ~TlsDial() override;

 private:
  void onConnected(std::unique_ptr<Transport> transport) override;
  void onDialFailed(const Error& error) override { sink_.onDialFailed(error); }
  void onSecured(std::unique_ptr<Transport> transport) override { sink_.onConnected(std::move(transport)); }
  void onHandshakeFailed(const Error& error) override { sink_.onDialFailed(error); }

  EventLoop& loop_;
  const Address to_;
  const DialOptions options_;
  DialSink& sink_;
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<Dial> dial_;
};

}  // namespace outrigger::net
