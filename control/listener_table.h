// The listeners of the process and how a reload changes them: what stays is not touched, what has another name or role
// at the address of one that goes takes over its socket, and what is new is bound before anything changes. The control
// thread only.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

#include "config/model.h"
#include "proxy/net/listener.h"
#include "proxy/server/worker.h"

namespace outrigger::control {

struct ListenerPlan {
  Address address;                           ///< as configured
  std::optional<server::ListenerRole> role;  ///< of the data plane; nullopt: admin, telemetry
};

/// What the listener and the cluster of a further port of the app are called: "app:9090".
std::string appPortName(const Address& app);

/// Names and plans of every listener that a model asks for: "inbound", "outbound", "admin", "telemetry",
/// "upstream NAME".
std::map<std::string, ListenerPlan> planListeners(const config::Model& model);

class ListenerTable {
 public:
  struct Change {
    std::map<std::string, ListenerPlan> wanted;
    std::vector<std::string> closed;                 ///< the names of those that go, or get another socket
    std::map<std::string, net::BoundSocket> opened;  ///< once those are closed: bound, or taken over from one of them
  };

  /// Binds what is new, and finds what is taken over. Nothing has changed when it fails.
  std::expected<Change, std::string> prepare(const config::Model& model) const;
  /// `change` has been carried out.
  void commit(const Change& change);

  /// Real addresses by name.
  const std::map<std::string, Address>& addresses() const { return addresses_; }

 private:
  net::BoundSocket leavingSocket(const Change& change, const Address& address) const;

  std::map<std::string, ListenerPlan> plans_;
  std::map<std::string, std::weak_ptr<const net::ListeningSocket>> sockets_;  // the listeners hold them
  std::map<std::string, Address> addresses_;
};

}  // namespace outrigger::control
