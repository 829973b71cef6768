// The listeners of the process and how a reload changes them: what stays keeps its socket, what is new is bound before
// anything else is touched, what is gone closes last. The control thread only.
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

/// Names and plans of every listener that a model asks for: "inbound", "outbound", "admin", "telemetry",
/// "upstream NAME".
std::map<std::string, ListenerPlan> planListeners(const config::Model& model);

class ListenerTable {
 public:
  struct Change {
    std::map<std::string, ListenerPlan> wanted;
    std::map<std::string, net::BoundSocket> opened;  ///< the new ones, bound
    std::vector<std::string> closed;                 ///< the names of those that go
  };

  /// Binds what is new. Nothing has changed when it fails.
  std::expected<Change, std::string> prepare(const config::Model& model) const;
  /// `change` has been carried out.
  void commit(const Change& change);

  /// Real addresses by name.
  const std::map<std::string, Address>& addresses() const { return addresses_; }

 private:
  std::map<std::string, ListenerPlan> plans_;
  std::map<std::string, Address> addresses_;
};

}  // namespace outrigger::control
