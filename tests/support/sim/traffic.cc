#include "tests/support/sim/traffic.h"

#include <algorithm>

namespace outrigger::sim {

Traffic::~Traffic() {
  *alive_ = false;
  for (const auto& caller : callers_) caller->client->onNews(nullptr);
}

void Traffic::start(double perSecond, Duration span) {
  gap_ = Duration(static_cast<int64_t>(1e9 / perSecond));
  end_ = world_.loop().now() + span;
  sending_ = true;
  send();
}

void Traffic::send() {
  if (world_.loop().now() >= end_) {
    sending_ = false;
    return;
  }
  Caller& caller = idleCaller();
  caller.busy = true;
  caller.askedAt = world_.loop().now();
  test::Headers headers = kind_.headers;
  headers.emplace_back(kNumber, std::to_string(sent_++));
  caller.client->ask(kind_.method, kind_.host, kind_.target, headers, kind_.body);
  world_.loop().in(gap_, [this, alive = alive_] {
    if (*alive) send();
  });
}

Traffic::Caller& Traffic::idleCaller() {
  const auto idle = std::ranges::find_if(callers_, [](const auto& c) { return !c->busy && !c->client->closed(); });
  if (idle != callers_.end()) return **idle;
  callers_.push_back(std::make_unique<Caller>(Caller{.client = &sidecar_.connect(), .askedAt = {}}));
  Caller& caller = *callers_.back();
  caller.client->onNews([this, &caller] { onNews(caller); });
  return caller;
}

void Traffic::onNews(Caller& caller) {
  if (!caller.busy) return;
  caller.busy = false;
  ++ended_;
  const bool whole = caller.client->complete() > caller.answered;
  const bool begun = caller.client->responses().size() > caller.answered;
  const test::SeenResponse response = begun ? caller.client->responses().back() : test::SeenResponse{};
  caller.answered = caller.client->complete();
  ++statuses_[whole ? response.status : 0];
  slowest_ = std::max(slowest_, world_.loop().now() - caller.askedAt);
  if (whole && response.status / 100 == 2) {
    ++good_;
  } else {
    ++failures_[whole ? std::to_string(response.status) + " " + response.reason() : "cut: " + response.error];
  }
}

size_t Traffic::count(int status) const {
  const auto found = statuses_.find(status);
  return found == statuses_.end() ? 0 : found->second;
}

std::string Traffic::failures() const {
  std::string out;
  for (const auto& [why, count] : failures_) out += why + ": " + std::to_string(count) + "\n";
  return out;
}

}  // namespace outrigger::sim
