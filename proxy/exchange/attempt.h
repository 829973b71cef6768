// One try of an exchange at one endpoint: gets a stream, sends the request as far as it is there, hears the answer. It
// decides nothing; exchange::Attempts does. Made in the exchange's arena for each try; at most two are alive (hedging).
//
// The request side and the response side run at the same time, each with its own state.
//
// Breaker, ejection and budget hear of an attempt once, when its answer's head has come. Only the trailers tell how a
// gRPC call went, so they hear of it then; but of a call that has streamed for a while as of a success, for the service
// did take it: a stream that breaks after an hour says nothing of the calls that begin now, a breaker that probes needs
// its answer, and a restart of one endpoint that ends a thousand streams at once is no thousand failures.
#pragma once

#include "proxy/base/turn.h"
#include "proxy/exchange/mesh_fields.h"
#include "proxy/exchange/request_body.h"
#include "proxy/exchange/snapshot.h"
#include "proxy/exchange/trail.h"
#include "proxy/exchange/tried_endpoints.h"
#include "proxy/http/upgrade.h"
#include "proxy/policy/deadline.h"
#include "proxy/policy/outcome.h"
#include "proxy/upstream/cluster.h"

namespace outrigger::exchange {

/// What is to be done, and by when. What it points to outlives the attempts.
struct Errand {
  upstream::Cluster* cluster = nullptr;
  upstream::RouteState* route = nullptr;
  const RouteTarget* target = nullptr;
  const http::RequestHead* request = nullptr;
  policy::RequestDeadline deadline{};
  bool grpc = false;  ///< a gRPC call: its status counts, wherever it stands
  CallersWord caller{};
  std::optional<policy::Affinity> affinity{};  ///< where the upstream balances by hash
  char* spanOut = nullptr;  ///< the parent's digits in the request's traceparent; nullptr: no spans are recorded
};

class Attempt;

/// Its time is over.
struct Cut {
  enum class Because : uint8_t {
    Timeout,          ///< a setting of ours: the service was too slow
    CallersDeadline,  ///< which says nothing of the service
    CallersHurry,     ///< a try had to be short, since the caller's deadline is near; that says nothing either
  };
  Reason reason = Reason::AttemptTimeout;
  Because because = Because::Timeout;
};

/// Why an attempt came to nothing before its answer's head.
struct AttemptFailure {
  policy::AttemptEnd end;
  Error error;
  /// We refused to try (breaker, limits, no endpoint): another try would fare no better.
  bool refused = false;
};

/// The ear of exchange::Attempts. After onAttemptEnd, onAttemptFailed, onAttemptCut, and after it has called cancel()
/// or timeOut(), nothing more is heard of that attempt.
class AttemptEvents {
 public:
  virtual void onAttemptInterim(http::ResponseHead& head) = 0;
  virtual void onAttemptHead(Attempt& attempt, http::ResponseHead& head, const policy::AttemptEnd& end) = 0;
  virtual void onAttemptBody(Bytes data) = 0;
  virtual void onAttemptEnd(const http::FieldList& trailers) = 0;
  virtual void onAttemptFailed(Attempt& attempt, const AttemptFailure& failure) = 0;
  /// Lost in the middle of its answer.
  virtual void onAttemptCut(const Error& error) = 0;
  /// The request's body may flow (again).
  virtual void onAttemptWritable() = 0;
  /// It has a stream, and the request may go out: the fields that only this attempt carries, which live as long as the
  /// arena. nullopt: it is too late for that. The attempt has been ended then.
  virtual std::optional<std::span<const http::Field>> fieldsOf(const Attempt& attempt) = 0;

 protected:
  ~AttemptEvents() = default;
};

class Attempt final : private upstream::Waiter, private upstream::ResponseSink {
 public:
  /// All outlive the attempt; `number` counts the attempts of the exchange from 1.
  Attempt(Turn& turn, const Errand& errand, AttemptEvents& events, TriedEndpoints& tried, RequestBody& body,
          uint32_t number)
      : turn_(turn), errand_(errand), cluster_(*errand.cluster), events_(events), tried_(tried), body_(body) {
    note_.number = number;
  }

  /// Asks for a stream. May report failure, or begin to send, inside this call.
  void start();
  /// The same beside another one that is under way; false: not possible just now, and nothing was begun.
  bool startBeside();

  /// True once everything that came of the request has been passed on: what comes next is sent at once.
  bool streaming() const { return request_ == RequestSide::Sending; }
  void sendBody(Bytes data) { lease().stream().sendBody(data); }
  void sendEnd();
  /// Request octets that wait for the endpoint to take them.
  size_t queued() const { return streaming() ? lease().stream().queued() : 0; }

  void pause();
  void resume();
  bool paused() const { return paused_; }

  /// What ending it now so would mean.
  policy::AttemptEnd endByTimeout(const Cut& cut) const;
  void timeOut(const Cut& cut);
  /// Ends it because its answer is not wanted any more.
  void cancel();

  uint32_t number() const { return note_.number; }
  bool ended() const { return response_ == ResponseSide::Done; }
  /// How long its endpoint has had: a wait in our own queue is not its fault.
  Duration age() const { return turn_.now - note_.chosenAt; }
  /// What became of it so far; next, refusal and what belongs to them are written by Attempts.
  AttemptNote& note() { return note_; }
  const AttemptNote& note() const { return note_; }

 private:
  enum class RequestSide : uint8_t { Waiting, Sending, Sent };
  enum class ResponseSide : uint8_t {
    Awaiting,
    Body,
    Ended,  ///< of an upgraded stream, while our side of it goes on
    Done,
  };

  void onLease() override;
  void onRefused(const upstream::Refusal& refusal) override;
  std::span<const uint32_t> tried() const override { return tried_.ids(); }
  upstream::RouteState& route() override { return *errand_.route; }
  bool unrepeatable() const override { return !cluster_.settings().policy.retry.methods.has(errand_.request->method); }
  std::optional<policy::Affinity> affinity() const override { return errand_.affinity; }
  Protocol protocol() const override {
    if (http::asksForTunnel(*errand_.request)) return Protocol::Tcp;
    return errand_.request->version == http::Version::Http2 ? Protocol::Http2 : Protocol::Http1;
  }
  void onEndpointChosen(const upstream::Endpoint& endpoint) override;

  void onInterim(http::ResponseHead& head) override { events_.onAttemptInterim(head); }
  void onResponseHead(http::ResponseHead& head) override;
  void onResponseBody(Bytes data) override { events_.onAttemptBody(data); }
  void onResponseEnd(http::FieldList trailers) override;
  void onStreamLost(const Error& error, bool stale) override;
  void onRequestDrained() override { events_.onAttemptWritable(); }

  policy::AttemptEnd endByStatus(uint16_t status) const;
  void heed(const Marks& marks, policy::AttemptEnd& end);
  void judgeLater(const policy::AttemptEnd& end);
  void judge(const policy::AttemptEnd& end);
  void onStreamedOn() { judge(soFar_); }
  bool leased() const { return lease().hasStream(); }
  void dropStream();
  void openTunnel();
  void closeUpgraded();
  policy::AttemptEnd endAs(policy::AttemptResult result, Reason reason) const;
  void noteEnd(policy::AttemptResult result, Reason reason);

  Turn& turn_;
  const Errand& errand_;
  upstream::Cluster& cluster_;  // the errand's
  AttemptEvents& events_;
  TriedEndpoints& tried_;
  RequestBody& body_;
  AttemptNote note_;
  RequestSide request_ = RequestSide::Waiting;
  ResponseSide response_ = ResponseSide::Awaiting;
  bool paused_ = false;
  bool upgraded_ = false;

  // Of a gRPC answer whose head has come and whose trailers are awaited.
  policy::AttemptEnd soFar_;
  Duration latency_{};
  Timer<Attempt, &Attempt::onStreamedOn> judgeTimer_{*this};
};

}  // namespace outrigger::exchange
