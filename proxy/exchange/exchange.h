// The hub: owns one downstream request from its head to its access record. Everything else talks to the hub, never
// across it. Pooled; begun once for each request, finished exactly once on every path. One worker's thread.
//
//   Filter ──► Attempting ──► Relay ──► Done
//     │                                  ▲
//     └──────────────────────────────────┘
#pragma once

#include <memory>
#include <optional>

#include "proxy/exchange/access_record.h"
#include "proxy/exchange/attempts.h"
#include "proxy/exchange/filter_chain.h"
#include "proxy/exchange/forwarding.h"
#include "proxy/exchange/generation.h"
#include "proxy/exchange/grpc.h"
#include "proxy/exchange/inbound_calls.h"
#include "proxy/exchange/mirror.h"
#include "proxy/exchange/request_body.h"
#include "proxy/http/server_stream.h"
#include "proxy/metrics/shard.h"

namespace outrigger::exchange {

class Exchange;

/// How a request has ended, before its record is put together.
struct Ending {
  const Snapshot& snapshot;
  Reason reason;
  uint16_t status;       ///< of a gRPC call its HTTP counterpart
  bool ordinary = true;  ///< at most one try, which nobody thought of repeating
  Bytes trace{};         ///< its id; empty: it has none
  bool traced = false;   ///< its spans are recorded
};

/// For what the record of a request is wanted.
struct RecordUse {
  bool line = false;      ///< the access log
  bool decision = false;  ///< a sentence among the decisions
  bool trail = false;     ///< the ring that `outrigger why` looks into
  bool spans = false;     ///< what is exported of traces
  bool tap = false;       ///< somebody who watches may want it
  bool error = false;     ///< not a use: the request failed, as the access log's `errors` means it
  bool any() const { return line || decision || trail || spans || tap; }
};

/// What exchanges of one worker share, and what they tell it.
class ExchangeHome {
 public:
  virtual Turn& turn() = 0;
  virtual metrics::Shard& metrics() = 0;
  virtual InboundCalls& inboundCalls() = 0;
  virtual Mirrors& mirrors() = 0;
  /// Asked before a record is put together.
  virtual RecordUse useOfRecord(const Ending& ending) = 0;
  virtual void onRecord(const AccessRecord& record, const RecordUse& use) = 0;
  /// Access is only observed, and this caller would have been refused. Counts it.
  virtual void onWouldDeny(const Snapshot& snapshot, const PeerInfo& peer, Bytes rule) = 0;
  /// What leads to a destination that no route names; nullptr: that is one of our own listeners.
  virtual std::shared_ptr<upstream::Cluster> passageTo(const Passage& passage, const Address& destination,
                                                       Protocol protocol) = 0;
  /// It has finished, the turn has unwound, and it may be begun again.
  virtual void onRecyclable(Exchange& exchange) = 0;

 protected:
  ~ExchangeHome() = default;
};

enum class Phase : uint8_t { Filter, Attempting, Relay, Done };

/// By which listener a request has come.
struct Entrance {
  Direction direction = Direction::Outbound;
  /// The listener belongs to one upstream, and this is its route; else the router decides.
  std::optional<uint32_t> route{};
  /// Inbound: index into Snapshot::appPorts; nullopt: the app has this port no longer.
  std::optional<uint32_t> appPort = 0;
};

/// What belongs to one request. A fresh one takes its place when the exchange is used again.
struct ExchangeState {
  Phase phase_ = Phase::Done;
  Direction direction_ = Direction::Outbound;
  uint32_t appPort_ = 0;
  http::ResponseStream* stream_ = nullptr;  // nullptr once the caller is gone
  const PeerInfo* peer_ = nullptr;
  Instant begunAt_{};
  http::RequestHead request_;
  RequestIds ids_;
  uint64_t span_ = 0;  // its span's id; 0: none is recorded
  CallersWord caller_;
  std::optional<GrpcAnswer> grpc_;  // of a gRPC call
  Bytes receivedHost_;
  Bytes receivedPath_;
  bool requestPaused_ = false;
  bool toldToContinue_ = false;
  bool upgraded_ = false;  // the stream carries another protocol, both ways, until each side has ended
  bool callerEnded_ = false;
  bool answerEnded_ = false;

  Bytes accessRule_;  // that refused the caller
  const Route* route_ = nullptr;
  const RouteTarget* target_ = nullptr;
  const Mirror* mirror_ = nullptr;  // a copy is to be sent once the body is complete
  upstream::Cluster* cluster_ = nullptr;
  upstream::RouteState* routeState_ = nullptr;
  // Both of a destination that no route names; nullptr: a route does.
  std::shared_ptr<upstream::Cluster> passage_;
  std::shared_ptr<upstream::RouteState> passageState_;
  uint32_t series_ = 0;
  policy::RequestDeadline deadline_;
  InboundCall* parent_ = nullptr;  // the request that the app makes this call for; valid while this follows it

  uint16_t status_ = 0;
  uint64_t responseBytes_ = 0;
};

class Exchange final : public http::RequestSink,
                       private AnswerEvents,
                       private FilterContext,
                       private Follower,
                       private ExchangeState {
 public:
  explicit Exchange(ExchangeHome& home);

  /// Takes a request.
  void begin(GenerationPin generation, const Entrance& entrance, const http::RequestHead& head,
             http::ResponseStream& stream);
  /// Answers and records what came instead of a request.
  void refuse(GenerationPin generation, Direction direction, const Error& why, http::ResponseStream& stream);
  /// Ends it without a proper answer: the worker is going away.
  void cut(Reason reason);

  Phase phase() const { return phase_; }

  /// Where it stands among its home's exchanges; kept by its home.
  size_t place = 0;

 private:
  // The request (http::RequestSink).
  void onRequestBody(Bytes data) override;
  void onRequestEnd(http::FieldList trailers) override;
  void onRequestLost(const Error& why, bool answerable) override;
  void onResponseDrained() override;

  // Its attempts (AnswerEvents).
  void onInterim(http::ResponseHead& head) override;
  void onAnswerHead(http::ResponseHead& head) override;
  void onAnswerBody(Bytes data) override;
  void onAnswerEnd(const http::FieldList& trailers) override;
  void onAnswerCut(const Error& error) override;
  void onNoAnswer(Reason reason, Bytes detail) override { reply(reason, detail); }
  void onAttemptWritable() override;
  void onDeadline() override;
  bool callerWaits() const override;

  // The request that it is a part of (Follower).
  void onCallerGone() override;

  // Its filters (FilterContext).
  Instant now() const override { return turn_.now; }
  Rng& rng() override { return turn_.rng; }
  Arena& arena() override { return arena_; }
  Direction direction() const override { return direction_; }
  const PeerInfo& peer() const override { return *peer_; }
  Resumption resumption() override;

  void open(GenerationPin generation, Direction direction, http::ResponseStream& stream);
  bool admit();
  bool isProbe() const;
  void takeRoute(std::optional<uint32_t> route);
  void take(const Route& route);
  void passOn();
  void chooseCluster();
  void runFilters();
  void follow(const Verdict& verdict);
  void act(const Forward& forward);
  void act(const Redirect& redirect);
  void act(const Respond& respond);
  policy::TimeoutSettings timeouts() const;
  Instant callersDeadline();
  bool callerHasLeft() const;
  const RouteTarget& chooseTarget(const Forward& forward);
  void rewrite(const Forward& forward);
  void copyTo(const Mirror& mirror);

  void goOver(http::ResponseHead& head);
  void onSideEnd();
  bool saidAll() const;

  void reply(const LocalReply& reply);
  void reply(Reason reason, Bytes detail);
  Marks marksFor(const LocalReply& local) const;
  void abandon(Reason reason, Bytes detail = {});
  void breakOff(Reason reason, Bytes detail);
  void finish(Reason reason);
  void count(Reason reason);
  void noteTrace(metrics::RequestSeries& series, Duration took);
  void record(Reason reason, const RecordUse& use);
  void recycle();
  bool answering() const { return phase_ == Phase::Relay; }

  void onDelayOver();
  void onBodyTimeout();
  void onIdle();
  void armBodyTimer();
  void armIdleTimer();
  void armForAnswer(const http::ResponseHead& head);

  ExchangeHome& home_;
  Turn& turn_;
  Arena arena_;
  RequestBody body_;

  GenerationPin generation_;
  FilterChain filters_;
  Attempts attempts_;
  InboundCall call_;                    // while it is with the app
  std::shared_ptr<Exchange*> awaited_;  // what a Resumption holds; emptied in finish()

  Timer<Exchange, &Exchange::onDeadline> deadlineTimer_{*this};
  Timer<Exchange, &Exchange::onDelayOver> delayTimer_{*this};  // a filter's
  Timer<Exchange, &Exchange::onBodyTimeout> bodyTimer_{*this};
  Timer<Exchange, &Exchange::onIdle> idleTimer_{*this};
};

}  // namespace outrigger::exchange
