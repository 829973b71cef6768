#include "control/listener_table.h"

namespace outrigger::control {

std::map<std::string, ListenerPlan> planListeners(const config::Model& model) {
  std::map<std::string, ListenerPlan> plans;
  const config::ListenModel& listen = model.listen;
  if (model.app && listen.inbound) plans["inbound"] = {*listen.inbound, server::ListenerRole{Direction::Inbound, ""}};
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
  Change change{.wanted = planListeners(model), .opened = {}, .closed = {}};
  for (const auto& [name, plan] : change.wanted) {
    const auto known = plans_.find(name);
    if (known != plans_.end() && known->second.address == plan.address) continue;
    auto socket = net::bindAndListen(plan.address);
    if (!socket) return std::unexpected("listener " + name + ": " + socket.error());
    change.opened.emplace(name, std::move(*socket));
  }
  for (const auto& [name, plan] : plans_) {
    if (!change.wanted.contains(name)) change.closed.push_back(name);
  }
  return change;
}

void ListenerTable::commit(const Change& change) {
  for (const std::string& name : change.closed) addresses_.erase(name);
  for (const auto& [name, socket] : change.opened) addresses_[name] = socket.address;
  plans_ = change.wanted;
}

}  // namespace outrigger::control
