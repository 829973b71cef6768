#include "proxy/upstream/breakers.h"

#include "proxy/policy/mode.h"

namespace outrigger::upstream {
namespace {

using policy::Breaker;

// What is there stays, with its new settings.
void setUp(std::optional<Breaker>& breaker, const policy::BreakerSettings* settings) {
  if (settings == nullptr) {
    breaker.reset();
  } else if (breaker) {
    breaker->configure(*settings);
  } else {
    breaker.emplace(*settings);
  }
}

bool isWorse(const Breaker& a, const Breaker& b) {
  return a.state() != b.state() ? a.state() > b.state() : a.openUntil() > b.openUntil();
}

}  // namespace

Breakers::Breakers(Turn& turn, metrics::UpstreamSeries& series, RouteStates& routes, BreakerEvents& events)
    : turn_(turn), series_(series), routes_(routes), events_(events) {}

void Breakers::configure(const policy::PolicySettings& policy) {
  settings_ = policy.breaker;
  enforced_ = policy.mode == policy::Mode::Enforce;
  setUp(own_, settings_ && !perRoute() ? &*settings_ : nullptr);
  routes_.forEach([this](RouteState& route) { prepare(route); });
}

void Breakers::prepare(RouteState& route) {
  setUp(route.breaker, perRoute() ? &*settings_ : nullptr);
}

void Breakers::retire() {
  retired_ = true;
  series_.breakerState.set(0);
}

Breaker* Breakers::find(RouteState& route) {
  std::optional<Breaker>& breaker = perRoute() ? route.breaker : own_;
  return breaker ? &*breaker : nullptr;
}

std::optional<Breaker::Ticket> Breakers::admit(RouteState& route, bool again) {
  Breaker* breaker = find(route);
  if (breaker == nullptr) return Breaker::Ticket{};
  const Breaker::State before = breaker->state();
  const auto ticket = breaker->admit(turn_.now);
  note(*breaker, before, route);
  if (ticket || enforced_) return ticket;
  // It goes all the same, and what becomes of it is no news to a breaker that has left the upstream alone.
  if (!again) series_.would[static_cast<size_t>(policy::Would::Open)].add();
  return Breaker::Ticket{};
}

std::optional<Breaker::Ticket> Breakers::renew(RouteState& route, Breaker::Ticket ticket) {
  const Breaker* breaker = find(route);
  if (breaker == nullptr || breaker->isCurrent(ticket)) return ticket;
  return admit(route, true);
}

void Breakers::observe(RouteState& route, Breaker::Ticket ticket, const policy::BreakerCall& call) {
  Breaker* breaker = find(route);
  if (breaker == nullptr) return;
  const Breaker::State before = breaker->state();
  breaker->observe(turn_.now, ticket, call, turn_.rng);
  note(*breaker, before, route);
}

void Breakers::handBack(RouteState& route, Breaker::Ticket ticket) {
  if (Breaker* breaker = find(route)) breaker->handBack(ticket);
}

bool Breakers::refuses(RouteState& route) {
  const Breaker* breaker = find(route);
  return enforced_ && breaker != nullptr && breaker->state() == Breaker::State::Open &&
         breaker->openUntil() > turn_.now;
}

bool Breakers::closed(RouteState& route) {
  const Breaker* breaker = find(route);
  return breaker == nullptr || breaker->state() == Breaker::State::Closed;
}

void Breakers::adopt(const std::string& route, Breaker::State state, Instant until) {
  const auto follow = [&](std::optional<Breaker>& breaker) {
    if (!breaker) return;
    if (state == Breaker::State::Open) breaker->adoptOpen(until);
    if (state == Breaker::State::Closed) breaker->adoptClosed(turn_.now);
  };
  if (route.empty()) {
    follow(own_);
  } else if (const auto known = routes_.find(route)) {
    follow(known->breaker);
  }
  show();
}

const Breaker* Breakers::worst() const {
  if (!perRoute()) return own_ ? &*own_ : nullptr;
  const Breaker* worst = nullptr;
  routes_.forEach([&worst](const RouteState& route) {
    if (!route.configured || !route.breaker) return;
    if (worst == nullptr || isWorse(*route.breaker, *worst)) worst = &*route.breaker;
  });
  return worst;
}

void Breakers::note(const Breaker& breaker, Breaker::State before, const RouteState& route) {
  if (breaker.state() == before) return;
  show();
  series_.breakerTransitions[static_cast<size_t>(breaker.state())].add();
  events_.onBreakerChanged({breaker, before, perRoute() ? Bytes(route.name) : Bytes(), !enforced_});
}

void Breakers::show() {
  if (retired_) return;
  const Breaker* shown = worst();
  series_.breakerState.set(shown == nullptr ? 0 : static_cast<int64_t>(shown->state()));
}

}  // namespace outrigger::upstream
