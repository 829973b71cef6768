#include "control/drain.h"

namespace outrigger::control {

void Drain::begin() {
  if (state_ != State::Serving) return;
  state_ = State::Draining;
  steps_.makeInboundAnswersLast();
}

void Drain::end() {
  begin();
  if (state_ != State::Draining) return over();  // asked twice
  state_ = State::LameDuck;
  endedAt_ = turn_.now;
  onLook();
}

void Drain::onLook() {
  const Duration since = turn_.now - endedAt_;
  if (state_ == State::LameDuck && (since >= times_.lameDuck || (quiet() && !steps_.appIsThere()))) {
    state_ = State::Finishing;
    steps_.closeInboundListeners();
  }
  if (state_ == State::Over) return;
  if (since >= times_.grace || (state_ == State::Finishing && quiet() && allSent())) return over();
  if (state_ == State::Finishing) steps_.closeIdleInbound();
  turn_.timers.arm(look_, turn_.now + kLookEvery);
}

void Drain::over() {
  if (state_ == State::Over) return;
  state_ = State::Over;
  look_.disarm();
  steps_.finish();
}

Bytes drainWord(Drain::State state) {
  switch (state) {
    case Drain::State::Serving: return "serving";
    case Drain::State::Draining: return "draining";
    case Drain::State::LameDuck: return "lame-duck";
    case Drain::State::Finishing: return "finishing";
    case Drain::State::Over: return "over";
  }
  return "";
}

}  // namespace outrigger::control
