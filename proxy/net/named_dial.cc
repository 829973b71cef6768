#include "proxy/net/named_dial.h"

#include <algorithm>

#include "proxy/net/connector.h"

namespace outrigger::net {

NamedDial::NamedDial(EventLoop& loop, const Address& to, DialSink& sink) : loop_(loop), to_(to), sink_(sink) {
  if (!loop.names().ask(to.hostName(), *this)) loop.turn().settleLater(*this);
}

void NamedDial::atSettle() {
  sink_.onDialFailed({Reason::ConnectFailed, Origin::Local, true, "too many names are being looked up at once"});
}

void NamedDial::onNoName(const ResolveError& error) {
  const bool denied = error.kind == ResolveError::Kind::NoSuchName || error.kind == ResolveError::Kind::NoAddresses;
  sink_.onDialFailed({Reason::ConnectFailed, denied ? Origin::Upstream : Origin::Local, true, error.detail});
}

void NamedDial::onName(const std::vector<Address>& addresses) {
  addresses_.assign(addresses.begin(), addresses.begin() + std::min<ptrdiff_t>(std::ssize(addresses), kMostTries));
  tryNext();
}

void NamedDial::tryNext() {
  tries_.push_back(std::make_unique<Try>(*this, addresses_[next_++].withPort(to_.port())));
  if (next_ < addresses_.size()) loop_.turn().timers.arm(headStart_, loop_.turn().now + kHeadStart);
}

NamedDial::Try::Try(NamedDial& owner, const Address& address) : parent(owner) {
  dial = std::make_unique<SocketDial>(owner.loop_, address, *this);
}

void NamedDial::onConnected(Try& winner, std::unique_ptr<Transport> transport) {
  headStart_.disarm();
  std::erase_if(tries_, [&](const auto& other) { return other.get() != &winner; });
  sink_.onConnected(std::move(transport));
}

void NamedDial::onTryFailed(Try& loser, const Error& error) {
  const auto at = std::ranges::find_if(tries_, [&](const auto& other) { return other.get() == &loser; });
  loop_.turn().graveyard.bury(std::move(*at));
  tries_.erase(at);
  headStart_.disarm();
  if (next_ < addresses_.size()) return tryNext();
  if (!tries_.empty()) return;
  Error told = error;
  if (addresses_.size() > 1) told.detail = "none of the addresses of the name takes connections";
  sink_.onDialFailed(told);
}

}  // namespace outrigger::net
