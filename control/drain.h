// How a sidecar leaves (CONTRACT §9). Draining: not ready any more, still serving, inbound answers are their
// connections' last. Ending: after the lame duck the inbound side closes, answers are sent to their last octet, the
// app's own calls are served until it has gone, and what is left when the grace is over is cut. A state machine over a
// Turn; the control thread only.
#pragma once

#include "config/model.h"
#include "proxy/base/direction.h"
#include "proxy/base/turn.h"

namespace outrigger::control {

/// What a drain does to the process, and what it must know of it.
class DrainSteps {
 public:
  virtual void makeInboundAnswersLast() = 0;
  virtual void closeInboundListeners() = 0;
  /// Asked for again and again: a connection that still sends its answer is not idle.
  virtual void closeIdleInbound() = 0;
  virtual int64_t requestsInFlight() const = 0;
  virtual int64_t connections(Direction direction) const = 0;
  /// Whether the app still listens, as far as is known.
  virtual bool appIsThere() = 0;
  /// Cuts what is left, and lets the process end.
  virtual void finish() = 0;

 protected:
  ~DrainSteps() = default;
};

class Drain {
 public:
  enum class State : uint8_t { Serving, Draining, LameDuck, Finishing, Over };

  Drain(Turn& turn, DrainSteps& steps) : turn_(turn), steps_(steps) {}

  /// The settings of the present config.
  void configure(const config::ShutdownModel& times) { times_ = times; }

  /// Drains without ending; idempotent.
  void begin();
  /// Drains and ends; the second call ends at once.
  void end();

  State state() const { return state_; }
  /// Since end() was called.
  Duration sinceEnd() const { return turn_.now - endedAt_; }
  bool draining() const { return state_ != State::Serving; }

 private:
  static constexpr Duration kLookEvery = 25ms;

  void onLook();
  bool quiet() const { return steps_.requestsInFlight() == 0 && steps_.connections(Direction::Outbound) == 0; }
  bool allSent() const { return steps_.connections(Direction::Inbound) == 0; }
  void over();

  Turn& turn_;
  DrainSteps& steps_;
  config::ShutdownModel times_;
  State state_ = State::Serving;
  Instant endedAt_{};
  Timer<Drain, &Drain::onLook> look_{*this};
};

/// "serving", "draining", ... for logs and the admin page.
Bytes drainWord(Drain::State state);

}  // namespace outrigger::control
