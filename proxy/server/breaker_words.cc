#include "proxy/server/breaker_words.h"

namespace outrigger::server {

using policy::Breaker;

namespace {

Bytes stateWord(Breaker::State state) {
  switch (state) {
    case Breaker::State::Closed: return "closed";
    case Breaker::State::HalfOpen: return "half-open";
    case Breaker::State::Open: return "open";
  }
  return "";
}

std::string milliseconds(Duration span) {
  return std::to_string(wholeMilliseconds(span)) + " ms";
}

std::string openedBecause(const Breaker::Cause& cause) {
  using Kind = Breaker::Cause::Kind;
  const std::string bad = std::to_string(cause.count);
  const std::string badOfAll = bad + " of " + std::to_string(cause.calls);
  switch (cause.kind) {
    case Kind::Run: return bad + " failures in a row";
    case Kind::Window: return badOfAll + " attempts failed";
    case Kind::Slow: return badOfAll + " calls took longer than " + milliseconds(cause.slowCall);
    case Kind::Probe: return "a probe failed";
    case Kind::SlowProbe: return badOfAll + " probes took longer than " + milliseconds(cause.slowCall);
    case Kind::Sibling: return "another worker's has opened";
  }
  return "";
}

}  // namespace

std::string inWords(Bytes upstream, const upstream::BreakerChange& change, Instant now) {
  const Breaker& breaker = change.breaker;
  std::string text = "breaker of ";
  text.append(upstream);
  if (!change.route.empty()) text.append(" for route ").append(change.route);
  text.append(change.onlyWould ? " would go " : ": ");
  text.append(stateWord(change.from)).append(" -> ").append(stateWord(breaker.state()));
  if (breaker.state() != Breaker::State::Open) return text;
  return text + ": " + openedBecause(breaker.cause()) + (change.onlyWould ? ", would refuse for " : ", refuses for ") +
         milliseconds(breaker.openUntil() - now);
}

}  // namespace outrigger::server
