// A connection that we serve over HTTP/2, with its streams: each request goes to the StreamHandler as in HTTP/1, and
// all that the streams have to say in one callback leaves in one write. Lifetime and thread: DownstreamConnection.
#pragma once

#include <memory>
#include <vector>

#include "proxy/base/write_queue.h"
#include "proxy/http/h2/server_session.h"
#include "proxy/http/server_stream.h"
#include "proxy/server/downstream_connection.h"

namespace outrigger::server {

class H2Downstream final : public DownstreamConnection, private http::h2::ServerEvents, private AtSettle {
 public:
  /// All outlive the connection; `home` has what HTTP/2 needs.
  H2Downstream(DownstreamHome& home, http::StreamHandler& handler, const ServingRules& rules,
               std::unique_ptr<Transport> transport);
  ~H2Downstream() override;

  void closeIfIdle() override;
  void close() override;
  void sayLast() override;
  void judgeAnew(const std::shared_ptr<const TlsServerSettings>& settings) override;

 private:
  class Stream;

  enum class Phase : uint8_t {
    Serving,
    Lingering,  ///< our side is closed; waits for the peer to have read what it was told
    Closed,
  };
  /// How far the peer knows that it should go elsewhere (RFC 9113 §6.8).
  enum class Leave : uint8_t { No, Announced, Final };

  // The transport.
  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char* why) override;
  void onDrained() override;

  // The session.
  void onRequest(int32_t id, http::RequestHead& head) override;
  void onBadRequest(int32_t id, const Error& why) override;
  void onBody(http::h2::ServerStream& stream, Bytes data) override;
  void onRequestEnd(http::h2::ServerStream& stream, http::FieldList trailers) override;
  void onStreamBroken(http::h2::ServerStream& stream, const Error& why) override;
  void onStreamClosed(http::h2::ServerStream& stream) override;
  void onStreamDrained(http::h2::ServerStream& stream) override;

  void atSettle() override;
  Stream& open(int32_t id);
  bool isLast() const;
  void leave(Leave how);
  void lookAtHead();
  void lookAtProgress();
  bool isStalled() const;
  void loseRequests(const Error& why);
  void finish();
  void linger();
  void watchLinger();
  void die();
  void updateReading();
  void onTimer();
  void armTimer();

  Turn& turn_;
  DownstreamHome& home_;
  http::StreamHandler& handler_;
  const ServingRules& rules_;
  std::unique_ptr<Transport> transport_;
  WriteQueue out_;
  http::h2::ServerSession session_;
  std::vector<std::unique_ptr<Stream>> streams_;  // each knows its place
  Instant bornAt_;
  Instant idleSince_;
  Instant headSince_ = kNever;    // an incomplete header block began
  Instant announcedAt_ = kNever;  // our leave
  Instant looksAt_ = kNever;      // whether what waits has moved
  uint64_t moved_ = 0;            // what had gone out at the last look
  size_t readWhileBlocked_ = 0;   // octets that came while the peer took nothing
  size_t lastQueued_ = 0;         // while lingering
  Phase phase_ = Phase::Serving;
  Leave leave_ = Leave::No;
  uint8_t standstills_ = 0;
  bool reading_ = true;
  Timer<H2Downstream, &H2Downstream::onTimer> timer_{*this};
};

}  // namespace outrigger::server
