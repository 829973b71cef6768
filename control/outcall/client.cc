#include "control/outcall/client.h"

#include <algorithm>

#include "control/outcall/flight.h"

namespace outrigger::control::outcall {

/// What the caller holds. It may die inside a callback of its flight, which therefore waits for the turn's end.
class Client::Handle final : public Call {
 public:
  Handle(Turn& turn, std::unique_ptr<Flight> flight) : turn_(turn), flight_(std::move(flight)) {}
  ~Handle() override {
    flight_->abandon();
    turn_.graveyard.bury(std::move(flight_));
  }

 private:
  Turn& turn_;
  std::unique_ptr<Flight> flight_;
};

Client::Client(Turn& turn, Dialer& dialer, Peer peer)
    : turn_(turn),
      dialer_(dialer),
      peer_(std::move(peer)),
      credentials_(peer_.host, peer_.trustFile, peer_.tokenFile) {}

Client::~Client() {
  for (const auto& connection : connections_) connection->close();
}

std::unique_ptr<Call> Client::call(Request request, const Times& times, AnswerSink& sink) {
  auto flight = std::make_unique<Flight>(*this, std::move(request), times, sink);
  Flight& begun = *flight;
  auto handle = std::make_unique<Handle>(turn_, std::move(flight));
  begun.begin();
  return handle;
}

upstream::UpstreamConnection* Client::takeIdle() {
  while (!idle_.empty()) {
    upstream::UpstreamConnection& connection = idle_.front();
    if (!connection.stale()) return &connection;  // lease() takes it off the list
    connection.drain();                           // and onDead() removes it
  }
  return nullptr;
}

upstream::UpstreamConnection& Client::adopt(std::unique_ptr<Transport> transport) {
  upstream::ConnectionOwner& self = *this;
  connections_.push_back(
      std::make_unique<upstream::H1Connection>(turn_, scratch_, self, series_, std::move(transport)));
  return *connections_.back();
}

void Client::onFree(upstream::UpstreamConnection& connection) {
  connection.rest();
  idle_.pushFront(connection);
  if (idle_.count() > kMostIdle) idle_.back().drain();
  if (!idleTimer_.armed()) turn_.timers.arm(idleTimer_, turn_.now + kIdleTime);
}

void Client::onDead(upstream::UpstreamConnection& connection, upstream::ConnectionEnd, Duration) {
  const auto at = std::ranges::find_if(connections_, [&](const auto& held) { return held.get() == &connection; });
  if (at == connections_.end()) return;
  turn_.graveyard.bury(std::move(*at));
  connections_.erase(at);
}

void Client::onIdleTimer() {
  while (!idle_.empty() && idle_.back().idleFor() >= kIdleTime) idle_.back().drain();
  if (!idle_.empty()) turn_.timers.arm(idleTimer_, turn_.now + kIdleTime - idle_.back().idleFor());
}

}  // namespace outrigger::control::outcall
