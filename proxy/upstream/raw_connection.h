// A connection to an endpoint whose octets are passed on as they are: one stream for good, never in the pool. It has no
// heads. Unlike an answer's, its stream's two ends are apart: after onResponseEnd(), which is the peer's FIN, octets
// may still be sent, until cancel(); after sendEnd() they may still come. Lifetime and thread: UpstreamConnection.
#pragma once

#include <memory>

#include "proxy/base/transport.h"
#include "proxy/metrics/series.h"
#include "proxy/upstream/upstream_connection.h"

namespace outrigger::upstream {

class RawConnection final : public UpstreamConnection, public UpstreamStream, private TransportSink {
 public:
  /// Nobody's at first. `owner` and `series` outlive it.
  RawConnection(Turn& turn, ConnectionOwner& owner, metrics::UpstreamSeries& series,
                std::unique_ptr<Transport> transport);
  /// Its cluster may go with a connection that is still open.
  ~RawConnection() override { close(); }

  Protocol protocol() const override { return Protocol::Tcp; }
  uint32_t room() const override { return state_ == State::Fresh ? 1 : 0; }
  bool idle() const override { return false; }
  /// It lasts as long as its tunnel.
  void drain() override {}
  UpstreamStream& lease() override;
  void rest() override {}
  void close() override;
  Duration idleFor() const override { return Duration::zero(); }
  Duration age() const override { return turn_.now - bornAt_; }
  bool stale() override { return transport_->probe() == Transport::PeerState::Broken; }

  void attach(ResponseSink& sink) override { sink_ = &sink; }
  void sendHead(const http::RequestHead&, std::span<const http::Field>) override {}
  /// Goes to the kernel at once.
  void sendBody(Bytes data) override;
  /// FIN, behind what is queued.
  void sendEnd(const http::FieldList& trailers) override;
  size_t queued() const override { return transport_->queued(); }
  bool handedOver() const override { return handedOver_; }
  void pause() override { transport_->pause(); }
  void resume() override { transport_->resume(); }
  void endRequest() override { sendEnd({}); }
  /// Where both sides have ended it is an orderly close, once the peer has taken what is queued; else a reset.
  void cancel() override;

 private:
  enum class State : uint8_t {
    Fresh,
    Busy,
    Closing,  ///< nobody's any more; the rest is being written
    Dead,
  };

  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char* why) override;
  void onDrained() override;
  void onLook();
  void die();

  Turn& turn_;
  ConnectionOwner& owner_;
  metrics::UpstreamSeries& series_;
  std::unique_ptr<Transport> transport_;
  ResponseSink* sink_ = nullptr;
  Instant bornAt_;
  State state_ = State::Fresh;
  bool handedOver_ = false;
  bool ended_ = false;  // our side
  bool peerEnded_ = false;
  size_t unwritten_ = 0;  // when we last looked, while closing
  int stalls_ = 0;        // how often nothing had been taken
  Timer<RawConnection, &RawConnection::onLook> lookTimer_{*this};
};

}  // namespace outrigger::upstream
