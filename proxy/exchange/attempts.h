// The attempts of one exchange, from the first to the one that answers: starts them, asks the policies whether another
// may follow one that failed, and sends one beside one that is slow (hedging). Only this class knows how many there
// are; the exchange hears of one answer, or that none will come. A value inside its exchange; one worker's thread.
//
//   Idle ──► Trying ◄──► Backoff
//              │
//              ▼
//           Answering
#pragma once

#include "proxy/exchange/attempt.h"
#include "proxy/policy/retry.h"

namespace outrigger::exchange {

/// The exchange's ear. After onNoAnswer, onAnswerEnd, onAnswerCut, and after Attempts::timeOut() or cancel(), nothing
/// more is heard.
class AnswerEvents {
 public:
  virtual void onInterim(http::ResponseHead& head) = 0;
  /// The answer has begun, and no other attempt will follow.
  virtual void onAnswerHead(http::ResponseHead& head) = 0;
  virtual void onAnswerBody(Bytes data) = 0;
  virtual void onAnswerEnd(const http::FieldList& trailers) = 0;
  /// Lost in the middle.
  virtual void onAnswerCut(const Error& error) = 0;
  /// There will be none. `detail` may be empty.
  virtual void onNoAnswer(Reason reason, Bytes detail) = 0;
  /// The deadline has passed. Ends the attempts.
  virtual void onDeadline() = 0;
  /// The request's body may flow (again).
  virtual void onAttemptWritable() = 0;
  /// The rest of the request is missing because of the other side: it does not take more, or has not asked for it yet.
  virtual bool callerWaits() const = 0;

 protected:
  ~AnswerEvents() = default;
};

/// What belongs to one errand. A fresh one takes its place for the next.
struct AttemptsState {
  enum class State : uint8_t { Idle, Trying, Backoff, Answering };
  State state_ = State::Idle;
  Errand errand_;
  Attempt* first_ = nullptr;           // in the arena, as the second; while both are there, neither has answered
  Attempt* second_ = nullptr;          // beside the first, which is slow
  const Attempt* hedge_ = nullptr;     // which of them is the hedge, until it has won or lost
  AttemptNote* trail_ = nullptr;       // of all attempts, the first in front
  AttemptNote* last_ = nullptr;        // its end
  const AttemptNote* told_ = nullptr;  // of the attempt that ended last, or has answered, and had an endpoint
  TriedEndpoints tried_;
  uint32_t made_ = 0;
  bool hedged_ = false;  // one of those was a hedge
  bool pushedBack_ = false;
  bool refused_ = false;  // another try was not allowed
  bool reached_ = false;  // the application may have seen something of the request
  uint32_t resetsRetried_ = 0;
  Duration backoff_{};
  Duration upstreamTime_{};
};

class Attempts final : private AttemptEvents, private AttemptsState {
 public:
  /// All outlive it.
  Attempts(Turn& turn, Arena& arena, RequestBody& body, AnswerEvents& events)
      : turn_(turn), arena_(arena), body_(body), events_(events) {}

  /// Starts the first attempt; everything may happen inside this call.
  void begin(const Errand& errand);

  /// True once everything that came of the request has been passed on: what comes next is sent at once.
  bool streaming() const { return first_ != nullptr && first_->streaming(); }
  void sendBody(Bytes data) { first_->sendBody(data); }
  /// The caller has sent all of it; that is in the body.
  void onRequestComplete();
  /// The caller has ended its side of the protocol that the answer went over to.
  void endUpgraded();
  /// Request octets that wait for the endpoint to take them.
  size_t queued() const { return first_ == nullptr ? 0 : first_->queued(); }

  /// Back-pressure on the answer.
  void pause() { first_->pause(); }
  void resume() { first_->resume(); }
  bool paused() const { return first_ != nullptr && first_->paused(); }

  /// Ends all of them because the deadline has passed.
  void timeOut(const Cut& cut);
  /// Ends all of them because no answer is wanted any more.
  void cancel();
  /// Forgets the last errand.
  void reset();

  uint32_t made() const { return made_; }
  /// Those of them that chose an endpoint: what was refused before was never tried.
  uint32_t tried() const;
  /// False if the application behind the upstream provably saw nothing of the request.
  bool reached() const { return reached_; }
  /// Something below asks that nobody tries again, or the retry budget is used up.
  bool pushedBack() const { return pushedBack_; }
  /// Of the errand.
  const std::optional<policy::Affinity>& affinity() const { return errand_.affinity; }
  /// From the choice of the endpoint that answers to its answer's head.
  Duration upstreamTime() const { return upstreamTime_; }
  /// Of the last attempt that chose one, or of the one that answers; nullptr before.
  const Address* endpoint() const { return told_ == nullptr ? nullptr : &told_->endpoint; }
  /// What became of all attempts, linked by `later`; nullptr: there was none.
  const AttemptNote* trail() const { return trail_; }
  /// One try, which nobody thought of repeating.
  bool ordinary() const { return made_ <= 1 && !refused_; }

 private:
  void onAttemptInterim(http::ResponseHead& head) override { events_.onInterim(head); }
  void onAttemptHead(Attempt& attempt, http::ResponseHead& head, const policy::AttemptEnd& end) override;
  void onAttemptBody(Bytes data) override { events_.onAnswerBody(data); }
  void onAttemptEnd(const http::FieldList& trailers) override;
  void onAttemptFailed(Attempt& attempt, const AttemptFailure& failure) override;
  void onAttemptCut(const Error& error) override;
  void onAttemptWritable() override { events_.onAttemptWritable(); }
  std::optional<std::span<const http::Field>> fieldsOf(const Attempt& attempt) override;

  Attempt& make();
  void addAttemptFields(const Attempt& attempt, http::FieldList& fields);
  Duration timeFor(const Attempt& attempt) const;
  void start();
  void link(Attempt& attempt);
  void armCut();
  void onCutDue();
  Cut attemptCut() const;
  void cutFirstOfTwo();
  bool hasIdempotencyKey() const;
  bool hedgeable() const;
  void armHedge();
  void onHedgeDue();
  void firstInTime();
  void settleHedge(policy::HedgeResult result);
  bool goesOnWithout(const Attempt& attempt);
  void answered(Attempt& attempt);
  std::optional<Duration> askedWait(const http::FieldList& fields) const;
  bool letGo(Attempt& attempt, const http::ResponseHead& head, const policy::AttemptEnd& end);
  uint32_t triesMade() const { return made_ - (hedged_ ? 1 : 0); }
  bool observes() const { return errand_.cluster->settings().policy.mode == policy::Mode::Observe; }
  void onBackoffOver() { start(); }
  uint32_t triesLeft() const;
  policy::RetryContext retryContext() const;
  bool tryAgain(Attempt& attempt, const policy::AttemptEnd& end, std::optional<Duration> retryAfter);
  bool refuseRetry(Attempt& attempt, policy::RetryRefusal why);
  void waitForNext();
  void noteEndpoint(const Attempt& attempt);
  void disarm();

  Turn& turn_;
  Arena& arena_;
  RequestBody& body_;
  AnswerEvents& events_;

  Timer<Attempts, &Attempts::onCutDue> cutTimer_{*this};  // the attempt timeout
  Timer<Attempts, &Attempts::onBackoffOver> backoffTimer_{*this};
  Timer<Attempts, &Attempts::onHedgeDue> hedgeTimer_{*this};
};

}  // namespace outrigger::exchange
