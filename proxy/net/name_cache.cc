#include "proxy/net/name_cache.h"

#include <algorithm>

namespace outrigger::net {

bool NameCache::ask(Bytes host, NameWaiter& waiter) {
  std::string key(host);
  auto at = names_.find(key);
  if (at == names_.end()) {
    if (names_.size() >= kMostNames && !makeRoom()) return false;
    at = names_.try_emplace(key, std::make_unique<Name>(*this, key)).first;
  }
  at->second->add(waiter);
  return true;
}

// What runs out first goes, unless somebody waits for it.
bool NameCache::makeRoom() {
  auto first = names_.end();
  for (auto at = names_.begin(); at != names_.end(); ++at) {
    if (at->second->isWanted()) continue;
    if (first == names_.end() || at->second->until() < first->second->until()) first = at;
  }
  if (first == names_.end()) return false;
  names_.erase(first);
  return true;
}

void NameCache::Name::add(NameWaiter& waiter) {
  waiters_.pushBack(waiter);
  if (resolution_ != nullptr) return;
  if (cache_.turn_.now < until_) return cache_.turn_.settleLater(*this);
  resolution_ = cache_.resolver_.resolve(host_, 0, *this);
}

void NameCache::Name::onResolved(Resolved resolved) {
  addresses_ = inTurns(resolved.places);
  onAnswered(resolved.ttl);
}

void NameCache::Name::onResolveFailed(const ResolveError& error) {
  const bool denied = error.kind == ResolveError::Kind::NoSuchName || error.kind == ResolveError::Kind::NoAddresses;
  if (denied) addresses_.clear();
  error_ = error;
  onAnswered(kLeast);
}

void NameCache::Name::onAnswered(Duration ttl) {
  until_ = cache_.turn_.now + std::clamp(ttl, kLeast, kMost);
  cache_.turn_.graveyard.bury(std::move(resolution_));
  tell();
}

// Whoever is told may ask again at once.
void NameCache::Name::tell() {
  telling_ = true;
  List<NameWaiter, NameWaiterTag> told;
  told.takeAll(waiters_);
  while (NameWaiter* waiter = told.popFront()) {
    if (addresses_.empty()) {
      waiter->onNoName(error_);
    } else {
      waiter->onName(addresses_);
    }
  }
  telling_ = false;
}

std::vector<Address> inTurns(const std::vector<Resolved::Place>& places) {
  std::vector<Address> six;
  std::vector<Address> four;
  for (const auto& [address, weight] : places) {
    (address.family() == Address::Family::Ipv6 ? six : four).push_back(address);
  }
  std::vector<Address> all;
  for (size_t i = 0; i < std::max(six.size(), four.size()); ++i) {
    if (i < six.size()) all.push_back(six[i]);
    if (i < four.size()) all.push_back(four[i]);
  }
  return all;
}

}  // namespace outrigger::net
