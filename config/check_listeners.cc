// Addresses over the whole file: no listener twice, no call to ourselves, nothing open that is meant for the app alone.
#include <string>
#include <vector>

#include "config/draft.h"

namespace outrigger::config {
namespace {

struct Listener {
  std::string name;
  Address address;
  Node node;       // says where it stands
  bool isPrivate;  // meant for the app or the operator alone
};

void add(std::vector<Listener>& listeners, std::string name, const std::optional<Address>& address, const Node* node,
         bool isPrivate) {
  if (address && node != nullptr) listeners.push_back({std::move(name), address->unmapped(), *node, isPrivate});
}

std::vector<Listener> listenersOf(const Draft& draft) {
  std::vector<Listener> all;
  const ListenModel& listen = draft.model.listen;
  const Node* app = draft.written.find("app");
  const Node* ports = app == nullptr || !draft.model.app ? nullptr : app->find("ports");
  const bool severalPorts = ports != nullptr && ports->isList();
  if (const Node* node = draft.effective.find("listen")) {
    if (!severalPorts) add(all, "listen.inbound", listen.inbound, node->find("inbound"), false);
    add(all, "listen.outbound", listen.outbound, node->find("outbound"), true);
    add(all, "listen.admin", listen.admin, node->find("admin"), true);
    add(all, "listen.telemetry", listen.telemetry, node->find("telemetry"), false);
  }
  for (size_t i = 0; severalPorts && i < ports->items().size() && i <= draft.model.app->morePorts.size(); ++i) {
    const Node& port = ports->items()[i];
    const auto& address = i == 0 ? listen.inbound : std::optional(draft.model.app->morePorts[i - 1].listen);
    const std::string name = "app.ports[" + std::to_string(i) + "].listen";
    add(all, name, address, port.isMap() ? port.find("listen") : nullptr, false);
  }
  const Node* upstreams = draft.written.find("upstreams");
  for (size_t i = 0; i < draft.model.upstreams.size(); ++i) {
    const UpstreamModel& upstream = draft.model.upstreams[i];
    const Node* node = upstreams->entries()[i].value.find("listen");  // in the same order
    add(all, "upstreams." + upstream.name + ".listen", upstream.listen, node, true);
  }
  return all;
}

// Whether opening both fails, or makes one take the other's connections. [::] is dual-stack.
bool overlap(const Address& a, const Address& b) {
  if (a == b) return a.port() != 0 || !a.isIp();
  if (!a.isIp() || !b.isIp() || a.port() != b.port() || a.port() == 0) return false;
  const auto covers = [](const Address& wildcard, const Address& other) {
    return wildcard.isWildcard() && (wildcard.family() == Address::Family::Ipv6 || wildcard.family() == other.family());
  };
  return covers(a, b) || covers(b, a);
}

// Whether a call to `to` from this machine arrives at the listener.
bool arrives(const Address& to, const Address& listener) {
  return to.isIp() && listener.isWildcard() ? to.isLoopback() && overlap(to, listener) : overlap(to, listener);
}

// What another message says of a listener.
std::string describe(const Listener& listener) {
  const std::string origin =
      listener.node.source() == Source::BuiltIn ? "built-in" : "line " + std::to_string(listener.node.place().line);
  return inQuotes(listener.name) + " (" + listener.address.text() + ", " + origin + ")";
}

void checkDuplicates(const std::vector<Listener>& listeners, Diagnostics& diagnostics) {
  for (size_t i = 0; i < listeners.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!overlap(listeners[i].address, listeners[j].address)) continue;
      const bool first =
          listeners[i].node.source() == Source::BuiltIn ||
          (listeners[j].node.source() == Source::File && listeners[j].node.place() > listeners[i].node.place());
      const Listener& one = listeners[first ? j : i];
      const Listener& other = listeners[first ? i : j];
      diagnostics.report(Code::SameListener, one.node.place(),
                         inQuotes(one.name) + " would open the same address as " + describe(other));
    }
  }
}

void checkCall(const Address& to, Place place, Bytes what, const std::vector<Listener>& listeners,
               Diagnostics& diagnostics) {
  for (const Listener& listener : listeners) {
    if (!arrives(to.unmapped(), listener.address)) continue;
    diagnostics.report(Code::OwnListener, place,
                       std::string(what) + " " + inQuotes(to.text()) + " is our own listener " + describe(listener) +
                           ": requests would go in a circle");
    return;
  }
}

}  // namespace

void checkListeners(const Draft& draft) {
  const std::vector<Listener> listeners = listenersOf(draft);
  checkDuplicates(listeners, draft.diagnostics);
  for (const Listener& listener : listeners) {
    if (!listener.isPrivate || listener.address.isLoopback() || listener.node.source() == Source::BuiltIn) continue;
    draft.diagnostics.report(Code::OpenToOthers, listener.node.place(),
                             inQuotes(listener.name) + " can be reached from other machines",
                             listener.address.isIp() ? "127.0.0.1:" + std::to_string(listener.address.port()) : "");
  }
  if (draft.model.app) {
    checkCall(draft.model.app->address, draft.model.app->place, "the app's address", listeners, draft.diagnostics);
    for (const AppPortModel& port : draft.model.app->morePorts) {
      checkCall(port.address, port.place, "the app's address", listeners, draft.diagnostics);
    }
  }
  for (const UpstreamModel& upstream : draft.model.upstreams) {
    for (const EndpointModel& endpoint : upstream.endpoints) {
      const bool itself = endpoint.dial == endpoint.address;
      checkCall(endpoint.dial, endpoint.place, itself ? "the endpoint" : "the endpoint's sidecar", listeners,
                draft.diagnostics);
    }
  }
}

}  // namespace outrigger::config
