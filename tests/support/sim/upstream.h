// A scripted upstream in the simulated network: answers by its script, and remembers what it was asked.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/http/h1/server_codec.h"
#include "tests/support/script.h"
#include "tests/support/sim/message.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {

class Upstream : public test::Scripted<Upstream> {
 public:
  Upstream(Network& network, const Address& address);
  ~Upstream();

  const Address& address() const { return address_; }

  /// The process is killed: connections are reset, new ones refused.
  void down();
  void up();
  /// From now on a behaviour begins once this many octets of a request's body are here (0: at its head), instead of at
  /// its end.
  Upstream& early(size_t bodyOctets = 0) {
    early_ = bodyOctets;
    return *this;
  }
  /// At its end again.
  Upstream& whole() {
    early_.reset();
    return *this;
  }
  /// Does not read a body's octets any more (as a process that hangs), and goes on.
  void stall();
  void goOn();
  /// Sends these octets on every connection.
  void push(const std::string& octets);
  /// Ends its side of every connection.
  void finish();
  /// Closes every connection that serves no request, as a server does after its keep-alive time.
  void closeIdle();

  size_t hits() const { return requests_.size(); }
  const std::vector<test::SeenRequest>& requests() const { return requests_; }
  /// Every octet that came, over all connections.
  const std::string& octets() const { return octets_; }
  size_t connectionsAccepted() const { return accepted_; }
  size_t connectionsOpen() const { return connections_.size(); }
  /// Requests that were reset or closed by the caller before they were answered.
  size_t cancelled() const { return cancelled_; }
  /// Requests whose heads came, whether their ends did or not; without their bodies.
  const std::vector<test::SeenRequest>& begun() const { return begun_; }
  size_t heads() const { return begun_.size(); }
  /// Octets that callers want to send and the network has not taken.
  size_t heldBack() const;

 private:
  class Connection;

  void accept(std::unique_ptr<MemoryTransport> transport);
  void remove(Connection& connection);

  Network& network_;
  Address address_;
  http::h1::HeadScratch scratch_;
  http::h1::HeadLimits limits_{.headFields = 200};  // as most servers: more than a sidecar lets pass
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<test::SeenRequest> requests_;
  std::string octets_;
  size_t accepted_ = 0;
  size_t cancelled_ = 0;
  std::vector<test::SeenRequest> begun_;
  std::optional<size_t> early_;
  bool stalled_ = false;
};

}  // namespace outrigger::sim
