// A caller's octets against the server's side of our TLS transport, in pieces as the first octet says: whatever comes,
// the handshake ends once or waits, nothing is said to a sink that is gone, and the transport can be closed. The octets
// arrive from a transport in memory; the loop's turns are the library's own.
#include <array>
#include <memory>
#include <string>

#include "proxy/net/event_loop.h"
#include "tests/support/certificates.h"

namespace outrigger {
namespace {

class Silent final : public Transport {
 public:
  void attach(TransportSink& sink) override { sink_ = &sink; }
  void write(std::span<const Bytes>) override {}
  size_t queued() const override { return 0; }
  void pause() override {}
  void resume() override {}
  void shutdown() override {}
  void close(CloseMode) override { sink_ = nullptr; }
  PeerState probe() override { return PeerState::Quiet; }
  const PeerInfo& peer() const override { return peer_; }
  void say(Bytes data) {
    if (sink_ != nullptr) sink_->onBytes(data);
  }
  void end() {
    if (sink_ != nullptr) sink_->onEnd();
  }

 private:
  TransportSink* sink_ = nullptr;
  PeerInfo peer_;
};

class Callee final : public HandshakeSink, public TransportSink {
 public:
  explicit Callee(net::EventLoop& loop) : loop_(loop) {}
  void onSecured(std::unique_ptr<Transport> transport) override {
    transport_ = std::move(transport);
    transport_->attach(*this);
    loop_.stop();
  }
  void onHandshakeFailed(const Error&) override {
    if (std::exchange(over, true)) std::abort();
    loop_.stop();
  }
  void onBytes(Bytes) override {}
  void onEnd() override { loop_.stop(); }
  void onLost(const char*) override { loop_.stop(); }
  void onDrained() override {}

  bool over = false;

 private:
  net::EventLoop& loop_;
  std::unique_ptr<Transport> transport_;
};

std::shared_ptr<const TlsServerSettings> settings() {
  return std::make_shared<const TlsServerSettings>(TlsServerSettings{
      std::make_shared<const TlsMaterial>(test::TestAuthority().leaf()), TlsServerSettings::Clients::Optional});
}

}  // namespace
}  // namespace outrigger

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace outrigger;
  static const auto callee = settings();
  if (size < 2) return 0;
  const Bytes input(reinterpret_cast<const char*>(data) + 1, size - 1);
  net::EventLoop loop(1);
  Callee sink(loop);
  auto inner = std::make_unique<Silent>();
  Silent& wire = *inner;
  const auto handshake = loop.accept(std::move(inner), {}, callee, sink);
  const size_t piece = 1 + data[0] * 8U;
  for (size_t at = 0; at < input.size() && !sink.over; at += piece) {
    {
      const net::EventLoop::Callback callback(loop);
      wire.say(input.substr(at, piece));
    }
    uv_run(loop.raw(), UV_RUN_NOWAIT);
  }
  if (!sink.over) {
    const net::EventLoop::Callback callback(loop);
    wire.end();
  }
  return 0;
}
