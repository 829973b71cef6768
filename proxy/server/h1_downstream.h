// A connection that we serve, with the one HTTP/1.x request that is under way on it. Hands each request to its
// StreamHandler, frames the answer, keeps the connection or ends it. Lifetime and thread: DownstreamConnection.
#pragma once

#include <memory>
#include <string>

#include "proxy/base/write_queue.h"
#include "proxy/http/h1/encoder.h"
#include "proxy/http/h1/server_codec.h"
#include "proxy/http/server_stream.h"
#include "proxy/server/downstream_connection.h"

namespace outrigger::server {

class H1Downstream final : public DownstreamConnection,
                           private http::h1::ServerEvents,
                           private http::ResponseStream,
                           private AtSettle {
 public:
  /// All outlive the connection.
  H1Downstream(DownstreamHome& home, http::StreamHandler& handler, const ServingRules& rules,
               std::unique_ptr<Transport> transport);

  void closeIfIdle() override;
  void close() override;
  void judgeAnew(const std::shared_ptr<const TlsServerSettings>& settings) override;

 private:
  enum class Phase : uint8_t {
    Idle,       ///< waits for a request's first octet
    Head,       ///< has a part of a head
    Serving,    ///< a request is with its handler
    Dropping,   ///< answered; the rest of the request is read and dropped
    Lingering,  ///< our side is closed; waits for the peer to have read the answer
    Closed,
  };

  // The transport.
  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char* why) override;
  void onDrained() override;

  // The codec.
  void onRequestHead(http::RequestHead& head) override;
  void onBody(Bytes data) override;
  void onRequestEnd(http::FieldList trailers) override;

  // The handler's voice.
  void sendInterim(const http::ResponseHead& head) override;
  void sendHead(const http::ResponseHead& head) override;
  void sendBody(Bytes data) override;
  void sendEnd(const http::FieldList& trailers) override;
  void abort() override;
  size_t pending() const override { return out_.pending(); }
  void pauseRequest() override;
  void resumeRequest() override;
  void closeAfterAnswer() override { lastAnswer_ = true; }
  const PeerInfo& peer() const override { return transport_->peer(); }
  Instant begunAt() const override { return begunAt_; }

  void atSettle() override;
  bool betweenRequests() const;
  void goOver(const http::ResponseHead& head);
  void handOn(Bytes data);
  void handOnCarried();
  void endCallersSide();
  void endOurSide();
  /// The peer asks on and does not read what it gets.
  bool answersPileUp() const { return phase_ == Phase::Idle && out_.pending() > kHighWater; }
  void read(Bytes input);
  void readCarried();
  void refuse(const Error& why);
  void loseRequest(const Error& why);
  void beginRequest(http::Version version, bool persists);
  bool isLastAnswer() const;
  void answered();
  void nextRequest();
  void goOn();
  void finish();
  void linger();
  void die(Transport::CloseMode mode);
  void updateReading();
  void probePeer();
  void watchLinger();
  void onTimer();
  void armTimer(Duration span) { turn_.timers.arm(timer_, after(turn_.now, span)); }
  Duration keepAlive() const { return rules_.keepAlive.value_or(kLongestSetting); }

  Turn& turn_;
  DownstreamHome& home_;
  http::StreamHandler& handler_;
  const ServingRules& rules_;
  std::unique_ptr<Transport> transport_;
  WriteQueue out_;
  http::h1::ServerCodec codec_;
  http::RequestSink* sink_ = nullptr;  // of the request under way, until its answer has ended
  std::string carried_;                // octets that came too early, or belong to a head that is not complete
  Instant bornAt_;
  Instant begunAt_;
  uint64_t dropped_ = 0;   // octets read for nothing since the answer ended
  size_t lastQueued_ = 0;  // what was unsent when we last looked, while lingering
  Phase phase_ = Phase::Idle;
  uint8_t probes_ = 0;
  bool lastAnswer_ = false;  // this connection takes no further request
  bool peerEnded_ = false;
  bool broken_ = false;  // the octets make no sense from here on
  bool reading_ = true;
  bool decoding_ = false;  // in read(): more may follow that carried_ does not hold

  /// The request under way and its answer.
  struct Serving {
    http::Version version = http::Version::Http11;
    bool persists = true;  // as the request said
    bool requestDone = false;
    bool requestPaused = false;   // by its handler
    bool awaitsContinue = false;  // the peer holds its body back until it hears 100
    bool begun = false;           // from here on of the answer
    bool ended = false;
    bool chunked = false;
    bool untilClose = false;
    bool headOnly = false;
    bool upgraded = false;     // what comes and goes belongs to another protocol
    bool callerEnded = false;  // its side of that
  };
  Serving serving_;

  /// What the request asks to go over to.
  struct Upgrade {
    std::string protocol;
    std::string key;  // of a WebSocket
  };
  std::unique_ptr<Upgrade> upgrade_;  // nullptr: to nothing
  Timer<H1Downstream, &H1Downstream::onTimer> timer_{*this};
};

}  // namespace outrigger::server
