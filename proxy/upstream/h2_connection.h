// A connection to an endpoint that speaks HTTP/2: many streams at a time. It says at once what it has to say to open,
// and writes once for each callback, whatever its streams have done in it. Lifetime and thread: UpstreamConnection.
#pragma once

#include <memory>
#include <vector>

#include "proxy/base/write_queue.h"
#include "proxy/http/h2/client_session.h"
#include "proxy/metrics/series.h"
#include "proxy/upstream/upstream_connection.h"

namespace outrigger::upstream {

using H2GuardCells = std::array<metrics::Counter, http::h2::kGuardCount>;

/// What its endpoint says and knows; it changes with the settings, and with what the peer says.
struct H2Terms {
  Duration idle = 60s;                ///< without a stream
  Duration maxAge = kLongestSetting;  ///< then it takes no new streams, and ends behind the last
  H2GuardCells* guards = nullptr;     ///< nullptr: nobody counts
  uint32_t mostStreams = http::h2::ClientSession::kMostStreams;  ///< what the peer allowed when it was last asked
};

class H2Connection final : public UpstreamConnection,
                           private TransportSink,
                           private http::h2::ClientSessionEvents,
                           private AtSettle {
 public:
  enum class Beginning : uint8_t {
    AtOnce,    ///< what it is given goes out at once
    Greeting,  ///< nothing is sent until the peer has shown that it speaks HTTP/2; then, and only then, onFree()
  };

  /// Without a stream at first. `owner` and all others outlive it.
  H2Connection(Turn& turn, http::h2::Workbench& bench, ConnectionOwner& owner, metrics::UpstreamSeries& series,
               const H2Terms& terms, std::unique_ptr<Transport> transport, Beginning beginning);
  /// Its cluster may go with a connection that is still open.
  ~H2Connection() override;

  /// Who hears of it from now on.
  void setOwner(ConnectionOwner& owner) { owner_ = &owner; }

  Protocol protocol() const override { return Protocol::Http2; }
  uint32_t room() const override;
  bool idle() const override { return streams_.empty(); }
  UpstreamStream& lease() override;
  void rest() override {}
  void close() override;
  void drain() override;
  void followTimes() override { armWatch(); }

  Duration idleFor() const override { return turn_.now - idleSince_; }
  Duration age() const override { return turn_.now - bornAt_; }
  bool stale() override;

 private:
  class Stream;
  enum class State : uint8_t {
    Greeting,
    Idle,
    Busy,  ///< there are streams
    Dead,
  };

  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char* why) override;
  void onDrained() override { settleLater(); }
  void onGreeted() override;
  void onStreamGone() override { settleLater(); }
  void onGuard(http::h2::Guard guard) override;
  void atSettle() override;

  void settleLater() { turn_.settleLater(*this); }
  void enter(State state);
  void bury(Stream& stream);
  bool finished() const;
  void lose(const Error& error);
  void die(ConnectionEnd end);
  void armWatch();
  Instant nextWatch() const;
  void onWatch();
  bool noteSilence();

  Turn& turn_;
  ConnectionOwner* owner_;
  metrics::UpstreamSeries& series_;
  const H2Terms& terms_;
  std::unique_ptr<Transport> transport_;
  WriteQueue out_;
  http::h2::ClientSession session_;
  std::vector<std::unique_ptr<Stream>> streams_;
  State state_ = State::Dead;
  bool roomToTell_ = false;  // a stream has ended since the owner heard of us
  bool pinged_ = false;
  uint64_t leases_ = 0;
  Instant bornAt_;
  Instant idleSince_;
  Instant busySince_;
  Instant heardAt_;
  Instant pingedAt_;
  Timer<H2Connection, &H2Connection::onWatch> watch_{*this};
};

}  // namespace outrigger::upstream
