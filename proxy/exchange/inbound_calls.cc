#include "proxy/exchange/inbound_calls.h"

#include <functional>

namespace outrigger::exchange {

void InboundCalls::add(Key& key, InboundCall& call, Bytes id) {
  key.call = &call;
  key.hash = std::hash<Bytes>()(id);
  key.id = id;
  bucket(key.hash).pushFront(key);
}

InboundCall* InboundCalls::find(Bytes id) {
  const size_t hash = std::hash<Bytes>()(id);
  InboundCall* found = nullptr;
  size_t count = 0;
  bucket(hash).forEach([&](const Key& key) {
    if (key.hash != hash || key.id != id) return;
    found = key.call;
    ++count;
  });
  return count == 1 ? found : nullptr;
}

void InboundCall::open(InboundCalls& calls, Bytes requestId, Bytes traceId, Instant deadline) {
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

void InboundCall::abandon() {
  while (Follower* follower = followers_.popFront()) follower->onCallerGone();
}

}  // namespace outrigger::exchange
