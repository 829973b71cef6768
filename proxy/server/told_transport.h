// A transport whose peer is another than it seems: the one that its PROXY header tells of. Owned as any transport; one
// thread.
#pragma once

#include <memory>
#include <utility>

#include "proxy/base/transport.h"

namespace outrigger::server {

class ToldTransport final : public Transport {
 public:
  ToldTransport(std::unique_ptr<Transport> transport, const Address& peer)
      : transport_(std::move(transport)), peer_(transport_->peer()) {
    peer_.address = peer;
  }

  void attach(TransportSink& sink) override { transport_->attach(sink); }
  void write(std::span<const Bytes> pieces) override { transport_->write(pieces); }
  size_t queued() const override { return transport_->queued(); }
  void pause() override { transport_->pause(); }
  void resume() override { transport_->resume(); }
  void shutdown() override { transport_->shutdown(); }
  void close(CloseMode mode) override { transport_->close(mode); }
  PeerState probe() override { return transport_->probe(); }
  bool stillTrusted(const std::shared_ptr<const TlsServerSettings>& settings) override {
    return transport_->stillTrusted(settings);
  }
  const PeerInfo& peer() const override { return peer_; }

 private:
  std::unique_ptr<Transport> transport_;
  PeerInfo peer_;
};

}  // namespace outrigger::server
