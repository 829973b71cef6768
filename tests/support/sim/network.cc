#include "tests/support/sim/network.h"

#include <algorithm>

namespace outrigger::sim {

struct MemoryTransport::Wire {
  MemoryTransport* ends[2] = {nullptr, nullptr};
};

MemoryTransport::MemoryTransport(Network& network, const PeerInfo& peer) : network_(network), peer_(peer) {}

MemoryTransport::~MemoryTransport() {
  close(CloseMode::Normal);
}

void MemoryTransport::later(int side, Duration delay, std::function<void(MemoryTransport&)> act) {
  network_.loop().in(delay, [wire = wire_, side, act = std::move(act)] {
    if (MemoryTransport* end = wire->ends[side]) act(*end);
  });
}

void MemoryTransport::attach(TransportSink& sink) {
  sink_ = &sink;
  if (!inbox_.empty() || finArrived_ || reset_) scheduleDelivery();
}

void MemoryTransport::write(std::span<const Bytes> pieces) {
  if (closed_ || finQueued_) return;
  for (const Bytes piece : pieces) outbox_.append(piece);
  if (reset_) {  // as EPIPE or ECONNRESET
    if (!std::exchange(writeFailed_, true)) tellFailedWrite();
    return;
  }
  if (outbox_.size() > kHighWater) aboveHighWater_ = true;
  transmit();
  if (aboveHighWater_ && outbox_.size() <= kLowWater) {
    later(side_, Duration::zero(), [](MemoryTransport& self) { self.onRoom(); });
  }
}

// The reader tells, behind what came before; where nobody reads, the running callback does when it settles.
void MemoryTransport::tellFailedWrite() {
  if (!paused_ && !finTold_) return scheduleDelivery();
  network_.loop().turn().settleLater(*this);
}

void MemoryTransport::pause() {
  paused_ = true;
  if (writeFailed_) tellFailedWrite();
}

// Gives the wire what the other side has room for, and FIN behind the last octet.
void MemoryTransport::transmit() {
  if (reset_) return;
  const MemoryTransport* peer = wire_->ends[1 - side_];
  const size_t taken = (peer == nullptr ? 0 : peer->inbox_.size()) + inFlight_;
  const size_t size = std::min(taken >= kWindow ? 0 : kWindow - taken, outbox_.size());
  if (size > 0) {
    inFlight_ += size;
    const int side = side_;
    network_.loop().in(network_.latency(), [wire = wire_, side, bytes = outbox_.substr(0, size)] {
      MemoryTransport* sender = wire->ends[side];
      MemoryTransport* receiver = wire->ends[1 - side];
      if (sender != nullptr) sender->inFlight_ -= bytes.size();
      if (receiver != nullptr) {
        receiver->receive(bytes);
      } else if (sender != nullptr) {  // nobody is there any more: RST comes back
        sender->later(side, sender->network_.latency(), [](MemoryTransport& self) { self.becomeReset(); });
      }
    });
    outbox_.erase(0, size);
  }
  if (finQueued_ && !finSent_ && outbox_.empty()) {
    finSent_ = true;
    later(1 - side_, network_.latency(), [](MemoryTransport& receiver) {
      receiver.finArrived_ = true;
      receiver.deliver();
    });
  }
}

void MemoryTransport::receive(Bytes bytes) {
  inbox_ += bytes;
  deliver();
}

void MemoryTransport::scheduleDelivery() {
  later(side_, Duration::zero(), [](MemoryTransport& self) { self.deliver(); });
}

// One event's worth: some bytes, or the end.
void MemoryTransport::deliver() {
  if (closed_ || sink_ == nullptr || paused_) return;
  if (!inbox_.empty()) {
    reading_ = inbox_.substr(0, kMostPerRead);
    inbox_.erase(0, reading_.size());
    tellWriterOfRoom();
    if (!inbox_.empty() || finArrived_ || reset_) scheduleDelivery();
    sink_->onBytes(reading_);
  } else if (finArrived_ && !finTold_ && !writeFailed_) {
    finTold_ = true;
    sink_->onEnd();
  } else if (reset_ && !finTold_) {  // behind FIN a socket is not read any more, and nobody notices
    sink_->onLost("connection reset by the peer");
  }
}

size_t MemoryTransport::heldBack() const {
  const MemoryTransport* other = wire_->ends[1 - side_];
  return other == nullptr ? 0 : other->outbox_.size();
}

void MemoryTransport::tellWriterOfRoom() {
  later(1 - side_, network_.latency(), [](MemoryTransport& writer) { writer.onRoom(); });
}

void MemoryTransport::onRoom() {
  if (closed_) return;
  transmit();
  if (!aboveHighWater_ || outbox_.size() > kLowWater) return;
  aboveHighWater_ = false;
  if (sink_ != nullptr) sink_->onDrained();
}

void MemoryTransport::resume() {
  if (!paused_) return;
  paused_ = false;
  scheduleDelivery();
}

void MemoryTransport::shutdown() {
  if (closed_) return;
  finQueued_ = true;
  transmit();
}

void MemoryTransport::becomeReset() {
  reset_ = true;
  deliver();
}

void MemoryTransport::atSettle() {
  if (!closed_ && sink_ != nullptr) sink_->onLost("the peer has closed the connection");
}

void MemoryTransport::close(CloseMode mode) {
  if (closed_) return;
  closed_ = true;
  wire_->ends[side_] = nullptr;
  // Unread octets make a kernel answer with RST.
  if (mode == CloseMode::Reset || !inbox_.empty()) {
    later(1 - side_, network_.latency(), [](MemoryTransport& peer) { peer.becomeReset(); });
  } else if (!finSent_) {
    later(1 - side_, network_.latency(), [](MemoryTransport& peer) {
      peer.finArrived_ = true;
      peer.deliver();
    });
  }
}

Transport::PeerState MemoryTransport::probe() {
  if (closed_ || reset_) return PeerState::Broken;
  return inbox_.empty() && !finArrived_ ? PeerState::Quiet : PeerState::Spoken;
}

// ---- Network

class Network::MemoryDial final : public Dial {
 public:
  MemoryDial(Network& network, const Address& to, DialSink& sink) {
    network.loop().in(2 * network.latency(), [&network, to, &sink, alive = std::weak_ptr<int>(alive_)] {
      if (alive.expired()) return;
      if (network.exhausted_) return sink.onDialFailed(localError(Reason::ConnectFailed, "out of file descriptors"));
      const auto listener = network.listeners_.find(to.text());
      if (listener == network.listeners_.end())
        return sink.onDialFailed(unsentError(Reason::ConnectFailed, "connection refused"));
      if (listener->second == nullptr) return;
      auto [ours, theirs] = network.connect(Address::loopback(network.nextPort_++), to);
      listener->second(std::move(theirs));
      sink.onConnected(std::move(ours));
    });
  }

 private:
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

void Network::listen(const Address& address, OnAccept onAccept) {
  listeners_[address.text()] = std::move(onAccept);
}

void Network::close(const Address& address) {
  listeners_.erase(address.text());
}

std::unique_ptr<Dial> Network::dial(const Address& to, const DialOptions&, DialSink& sink) {
  return std::make_unique<MemoryDial>(*this, to, sink);
}

std::unique_ptr<MemoryTransport> Network::open(const Address& to) {
  const auto listener = listeners_.find(to.text());
  if (listener == listeners_.end() || listener->second == nullptr) return nullptr;
  auto [ours, theirs] = connect(Address::loopback(nextPort_++), to);
  listener->second(std::move(theirs));
  return std::move(ours);
}

std::pair<std::unique_ptr<MemoryTransport>, std::unique_ptr<MemoryTransport>> Network::connect(const Address& from,
                                                                                               const Address& to) {
  auto wire = std::make_shared<MemoryTransport::Wire>();
  auto caller = std::make_unique<MemoryTransport>(*this, PeerInfo{to});
  auto callee = std::make_unique<MemoryTransport>(*this, PeerInfo{from});
  caller->wire_ = callee->wire_ = wire;
  caller->side_ = 0;
  callee->side_ = 1;
  wire->ends[0] = caller.get();
  wire->ends[1] = callee.get();
  return {std::move(caller), std::move(callee)};
}

}  // namespace outrigger::sim
