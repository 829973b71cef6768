#include "proxy/exchange/inbound_calls.h"

#include <algorithm>
#include <functional>

namespace outrigger::exchange {
namespace {

// Longer than an app works on for nobody; shorter than a caller waits before it uses an id again.
constexpr Duration kRemembered = 10s;

}  // namespace

void InboundCalls::add(Key& key, InboundCall& call, Bytes id) {
  key.call = &call;
  key.hash = std::hash<Bytes>()(id);
  key.id = id;
  bucket(key.hash).pushFront(key);
}

size_t InboundCalls::count(size_t hash, Bytes id, InboundCall** last) {
  size_t count = 0;
  bucket(hash).forEach([&](const Key& key) {
    if (key.hash != hash || key.id != id) return;
    *last = key.call;
    ++count;
  });
  return count;
}

InboundCall* InboundCalls::find(Bytes id) {
  InboundCall* found = nullptr;
  return count(std::hash<Bytes>()(id), id, &found) == 1 ? found : nullptr;
}

bool InboundCalls::abandoned(Bytes id, Instant now) {
  const size_t hash = std::hash<Bytes>()(id);
  const auto isIt = [&](const Abandoned& kept) { return kept.hash == hash && now < kept.until; };
  InboundCall* found = nullptr;
  return std::ranges::any_of(placesFor(hash), isIt) && count(hash, id, &found) == 0;
}

void InboundCalls::remember(const Key& key, Instant now) {
  *std::ranges::min_element(placesFor(key.hash), {}, &Abandoned::until) = {key.hash, now + kRemembered};
}

std::span<InboundCalls::Abandoned> InboundCalls::placesFor(size_t hash) {
  return std::span(abandoned_).subspan(hash % (kBuckets / kPlaces) * kPlaces, kPlaces);
}

void InboundCall::open(InboundCalls& calls, Bytes requestId, Bytes traceId, Instant deadline) {
  calls_ = &calls;
  deadline_ = deadline;
  calls.add(byRequest_, *this, requestId);
  calls.add(byTrace_, *this, traceId);
}

void InboundCall::close() {
  byRequest_.unlink();
  byTrace_.unlink();
  noRetry = false;
  followers_.clear();
}

void InboundCall::abandon(Instant now) {
  for (const InboundCalls::Key* key : {&byRequest_, &byTrace_}) {
    if (key->linked()) calls_->remember(*key, now);
  }
  while (Follower* follower = followers_.popFront()) follower->onCallerGone();
}

}  // namespace outrigger::exchange
