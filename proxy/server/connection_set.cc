#include "proxy/server/connection_set.h"

namespace outrigger::server {

void ConnectionSet::serve(std::unique_ptr<Transport> transport, http::StreamHandler& handler) {
  DownstreamHome& self = *this;
  connections_.push_back(std::make_unique<DownstreamConnection>(self, handler, rules_, std::move(transport)));
  connections_.back()->slot = connections_.size() - 1;
  open_.add(1);
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

void ConnectionSet::closeIdle() {
  for (size_t i = connections_.size(); i > 0; --i) {  // from behind: a closed one is replaced by the last
    connections_[i - 1]->closeIfIdle();
  }
}

void ConnectionSet::closeAll() {
  while (!connections_.empty()) connections_.back()->close();
}

}  // namespace outrigger::server
