#include "control/listener_table.h"

namespace outrigger::control {

std::string appPortName(const Address& app) {
  return "app:" + std::to_string(app.port());
}

std::map<std::string, ListenerPlan> planListeners(const config::Model& model) {
  std::map<std::string, ListenerPlan> plans;
  const config::ListenModel& listen = model.listen;
  if (model.app && listen.inbound) plans["inbound"] = {*listen.inbound, server::ListenerRole{Direction::Inbound, ""}};
  for (size_t i = 0; model.app && i < model.app->morePorts.size(); ++i) {
    const config::AppPortModel& port = model.app->morePorts[i];
    const std::string name = appPortName(port.address);
    plans["inbound " + name] = {port.listen, server::ListenerRole{Direction::Inbound, name}};
  }
  if (listen.outbound) plans["outbound"] = {*listen.outbound, server::ListenerRole{Direction::Outbound, ""}};
  if (listen.admin) plans["admin"] = {*listen.admin, std::nullopt};
  if (listen.telemetry) plans["telemetry"] = {*listen.telemetry, std::nullopt};
  for (const config::UpstreamModel& upstream : model.upstreams) {
    if (!upstream.listen) continue;
    plans["upstream " + upstream.name] = {*upstream.listen, server::ListenerRole{Direction::Outbound, upstream.name}};
  }
  return plans;
}

std::expected<ListenerTable::Change, std::string> ListenerTable::prepare(const config::Model& model) const {
  Change change{.wanted = planListeners(model), .closed = {}, .opened = {}};
  for (const auto& [name, plan] : plans_) {
    const auto kept = change.wanted.find(name);
    if (kept == change.wanted.end() || kept->second.address != plan.address) change.closed.push_back(name);
  }
  for (const auto& [name, plan] : change.wanted) {
    const auto known = plans_.find(name);
    if (known != plans_.end() && known->second.address == plan.address) continue;
    if (auto socket = leavingSocket(change, plan.address)) {
      change.opened.emplace(name, std::move(socket));
      continue;
    }
    auto socket = net::bindAndListen(plan.address);
    if (!socket) return std::unexpected("listener " + name + ": " + socket.error());
    change.opened.emplace(name, std::move(*socket));
  }
  return change;
}

// The address would be in use as long as the one that goes has not closed.
net::BoundSocket ListenerTable::leavingSocket(const Change& change, const Address& address) const {
  const bool anyPort = address.isIp() && address.port() == 0;
  if (anyPort) return nullptr;
  for (const std::string& name : change.closed) {
    if (plans_.at(name).address == address) return sockets_.at(name).lock();
  }
  return nullptr;
}

void ListenerTable::commit(const Change& change) {
  for (const std::string& name : change.closed) {
    addresses_.erase(name);
    sockets_.erase(name);
  }
  for (const auto& [name, socket] : change.opened) {
    addresses_[name] = socket->address();
    sockets_[name] = socket;
  }
  plans_ = change.wanted;
}

}  // namespace outrigger::control
