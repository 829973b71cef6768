// Ends of connections in the simulated network that send and remember octets and know no protocol.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/sim/network.h"

namespace outrigger::sim {

class RawPeer final : private TransportSink {
 public:
  explicit RawPeer(std::unique_ptr<MemoryTransport> transport) : transport_(std::move(transport)) {
    transport_->attach(*this);
  }

  void send(const std::string& octets) { transport_->write(octets); }
  void finish() { transport_->shutdown(); }
  void reset() { transport_->close(Transport::CloseMode::Reset); }
  void leave() { transport_->close(Transport::CloseMode::Normal); }
  void stall() { transport_->pause(); }
  void goOn() { transport_->resume(); }

  const std::string& octets() const { return octets_; }
  bool ended() const { return ended_; }
  bool lost() const { return lost_; }
  /// Our octets that the network has not taken.
  size_t unsent() const { return transport_->queued(); }
  const PeerInfo& peer() const { return transport_->peer(); }

  /// What is done with octets beside remembering them.
  std::function<void(RawPeer&, Bytes)> onOctets;

 private:
  void onBytes(Bytes data) override {
    octets_.append(data);
    if (onOctets) onOctets(*this, data);
  }
  void onEnd() override { ended_ = true; }
  void onLost(const char*) override { lost_ = true; }
  void onDrained() override {}

  std::unique_ptr<MemoryTransport> transport_;
  std::string octets_;
  bool ended_ = false;
  bool lost_ = false;
};

/// Accepts at an address.
class RawServer {
 public:
  RawServer(Network& network, const Address& address) : network_(network), address_(address) { up(); }
  ~RawServer() { down(); }

  /// Refuses connections; those that stand go on.
  void down() { network_.close(address_); }
  void up() {
    network_.listen(address_, [this](std::unique_ptr<MemoryTransport> transport) {
      peers_.push_back(std::make_unique<RawPeer>(std::move(transport)));
      peers_.back()->onOctets = onOctets;
      if (onAccept) onAccept(*peers_.back());
    });
  }

  size_t accepted() const { return peers_.size(); }
  /// The connection that was accepted so many after the first.
  RawPeer& at(size_t number) { return *peers_.at(number); }
  RawPeer& last() { return *peers_.back(); }

  std::function<void(RawPeer&)> onAccept;
  std::function<void(RawPeer&, Bytes)> onOctets;  ///< of connections from now on

 private:
  Network& network_;
  Address address_;
  std::vector<std::unique_ptr<RawPeer>> peers_;
};

}  // namespace outrigger::sim
