#include "proxy/server/connection_set.h"

#include <algorithm>

#include "proxy/server/arrival.h"
#include "proxy/server/h1_downstream.h"

namespace outrigger::server {

void ConnectionSet::serve(std::unique_ptr<Transport> transport, http::StreamHandler& handler) {
  DownstreamHome& self = *this;
  add(std::make_unique<H1Downstream>(self, handler, rules_, std::move(transport)));
}

void ConnectionSet::receive(std::unique_ptr<Transport> transport, Receptionist& receptionist) {
  DownstreamHome& self = *this;
  auto arrival = std::make_unique<Arrival>(self, receptionist, rules_, std::move(transport));
  Arrival& added = *arrival;
  add(std::move(arrival));
  added.begin();
}

void ConnectionSet::add(std::unique_ptr<DownstreamConnection> connection) {
  connection->slot = connections_.size();
  connections_.push_back(std::move(connection));
  open_.add(1);
}

void ConnectionSet::onBecame(DownstreamConnection& connection, std::unique_ptr<DownstreamConnection> next) {
  next->slot = connection.slot;
  std::swap(connections_[connection.slot], next);
  turn_.graveyard.bury(std::move(next));
}

void ConnectionSet::onClosed(DownstreamConnection& connection) {
  const size_t slot = connection.slot;
  turn_.graveyard.bury(std::move(connections_[slot]));
  if (slot + 1 != connections_.size()) {
    connections_[slot] = std::move(connections_.back());
    connections_[slot]->slot = slot;
  }
  connections_.pop_back();
  open_.add(-1);
}

void ConnectionSet::makeAnswersLast() {
  rules_.lastAnswers = true;
  for (const auto& connection : connections_) connection->sayLast();
}

void ConnectionSet::judgeAnew(const std::shared_ptr<const TlsServerSettings>& settings) {
  judge_ = settings;
  unjudged_ = connections_.size();
  turn_.timers.arm(judgeTimer_, turn_.now);
}

// From behind: the place of one that closes is taken by the last, which has been judged.
void ConnectionSet::onJudge() {
  constexpr int kAtOnce = 8;
  unjudged_ = std::min(unjudged_, connections_.size());
  for (int i = 0; i < kAtOnce && unjudged_ > 0; ++i) {
    --unjudged_;
    connections_[unjudged_]->judgeAnew(judge_);
    unjudged_ = std::min(unjudged_, connections_.size());
  }
  if (unjudged_ > 0) return turn_.timers.arm(judgeTimer_, turn_.now);
  judge_.reset();
}

void ConnectionSet::closeIdle() {
  for (size_t i = connections_.size(); i > 0; --i) {  // from behind: a closed one is replaced by the last
    connections_[i - 1]->closeIfIdle();
  }
}

void ConnectionSet::closeAll() {
  while (!connections_.empty()) connections_.back()->close();
}

}  // namespace outrigger::server
