// A connection to an endpoint that speaks HTTP/1.1: one stream at a time, idle in its endpoint's pool between them.
// Lifetime and thread: UpstreamConnection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/base/write_queue.h"
#include "proxy/http/h1/client_codec.h"
#include "proxy/metrics/series.h"
#include "proxy/upstream/upstream_connection.h"

namespace outrigger::upstream {

class H1Connection final : public UpstreamConnection,
                           public UpstreamStream,
                           private TransportSink,
                           private http::h1::ClientEvents {
 public:
  /// Idle at first. `owner` and `series` outlive it.
  H1Connection(Turn& turn, http::h1::HeadScratch& scratch, ConnectionOwner& owner, metrics::UpstreamSeries& series,
               std::unique_ptr<Transport> transport);
  /// Its cluster may go with a connection that is still open.
  ~H1Connection() override;

  Protocol protocol() const override { return Protocol::Http1; }
  uint32_t room() const override { return state_ == State::Idle || state_ == State::Ended ? 1 : 0; }
  bool idle() const override { return state_ == State::Idle; }
  UpstreamStream& lease() override;
  void rest() override;
  void close() override;
  void drain() override;

  bool reused() const { return streams_ > 1; }
  Duration idleFor() const override { return (state_ == State::Idle ? turn_.now : leasedAt_) - idleSince_; }
  Duration age() const override { return turn_.now - bornAt_; }
  bool stale() override { return transport_->probe() != Transport::PeerState::Quiet; }

  void attach(ResponseSink& sink) override;
  void sendHead(const http::RequestHead& head, std::span<const http::Field> more) override;
  void sendBody(Bytes data) override;
  void sendEnd(const http::FieldList& trailers) override;
  size_t queued() const override { return state_ == State::Dead ? unwritten_ : out_.pending(); }
  bool handedOver() const override { return out_.handedOver(); }
  void pause() override;
  void resume() override;
  void endRequest() override;
  void cancel() override;

 private:
  enum class State : uint8_t {
    Idle,
    Busy,      ///< leased
    Draining,  ///< cancelled; the rest of the answer is dropped. Or both sides of another protocol have ended; the rest
               ///< of ours is being written
    Ended,     ///< the answer is complete; free once the running read is over
    Dead,
  };

  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char* why) override;
  void onDrained() override;

  void onInterim(http::ResponseHead& head) override;
  void onResponseHead(http::ResponseHead& head) override;
  void onBody(Bytes data) override;
  void onResponseEnd(http::FieldList trailers) override;

  void enter(State state);
  void askForUpgrade(const http::RequestHead& head, std::span<const http::Field> more);
  void endUpgraded();
  void onPeerEnded();
  void closeWhenWritten();
  bool worthDraining() const;
  void afterRead();
  void keepRest(Bytes rest);
  void lose(const Error& error);
  void die(ConnectionEnd end);
  void onDrainTimeout();

  Turn& turn_;
  ConnectionOwner& owner_;
  metrics::UpstreamSeries& series_;
  std::unique_ptr<Transport> transport_;
  WriteQueue out_;
  http::h1::ClientCodec codec_;
  ResponseSink* sink_ = nullptr;
  State state_ = State::Dead;
  bool requestChunked_ = false;
  bool requestSent_ = true;
  bool halfClosed_ = false;
  bool answerBegun_ = false;
  bool paused_ = false;
  bool last_ = false;       // the answer under way is the last one
  bool upgraded_ = false;   // what comes and goes belongs to another protocol
  bool peerEnded_ = false;  // its side of that
  uint8_t stalls_ = 0;      // how often we saw nothing of the rest taken
  uint32_t streams_ = 0;
  uint64_t answerLeft_ = 0;  // octets of a body whose length is known
  uint64_t dropped_ = 0;     // octets dropped while draining
  size_t unwritten_ = 0;     // octets of the request that waited when the connection was lost
  Instant bornAt_;
  Instant idleSince_;
  Instant leasedAt_;
  std::string carried_;  // a head that is not complete yet
  std::string spent_;    // what carried_ was when it was read; borrowed until the callback settles
  Timer<H1Connection, &H1Connection::onDrainTimeout> drainTimer_{*this};
};

}  // namespace outrigger::upstream
