// Opens a TCP or unix connection; the socket's half of a Dial. On the loop's thread.
#pragma once

#include "proxy/base/dialer.h"
#include "proxy/net/event_loop.h"

namespace outrigger::net {

class SocketDial final : public Dial, private AtSettle {
 public:
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

}  // namespace outrigger::net
