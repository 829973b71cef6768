// A transport that keeps what is written to it. For tests of what writes; nothing is ever read from it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "proxy/base/transport.h"

namespace outrigger::testing {

class RecordingTransport final : public Transport {
 public:
  void attach(TransportSink&) override {}
  void write(std::span<const Bytes> pieces) override {
    for (const Bytes piece : pieces) written += piece;
    writes.push_back(pieces.size());
  }
  size_t queued() const override { return stuck; }
  void pause() override {}
  void resume() override {}
  void shutdown() override {}
  void close(CloseMode) override {}
  PeerState probe() override { return PeerState::Quiet; }
  const PeerInfo& peer() const override { return peer_; }

  std::string written;
  std::vector<size_t> writes;  ///< pieces of each call
  size_t stuck = 0;            ///< what queued() says

 private:
  PeerInfo peer_;
};

}  // namespace outrigger::testing
