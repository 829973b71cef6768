// What becomes of each part of a config when a running sidecar takes over another one. Each sentence is what the data
// plane does: Worker::install, EndpointSet::configure, ListenerTable, Sidecar::makeWorkers.
#include <algorithm>
#include <set>

#include "config/quantity.h"
#include "control/cli/config_difference.h"
#include "control/listener_table.h"

namespace outrigger::control::cli {
namespace {

using config::Change;
using config::Model;
using config::UpstreamModel;

std::string quoted(const std::string& text) {
  return "`" + text + "`";
}

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

// The path behind the group's name.
Bytes keyIn(const DifferenceGroup& group, const Change& change) {
  const Bytes path = change.path;
  return path.size() > group.name.size() ? path.substr(group.name.size() + 1) : Bytes();
}

bool touches(const DifferenceGroup& group, std::initializer_list<Bytes> keys) {
  return std::ranges::any_of(group.changes, [&](const Change& change) {
    const Bytes key = keyIn(group, change);
    return std::ranges::any_of(keys, [&](Bytes k) {
      return key.starts_with(k) && (key.size() == k.size() || key[k.size()] == '.' || key[k.size()] == '[');
    });
  });
}

const UpstreamModel* upstreamOf(const Model& model, const std::string& name) {
  const auto found = std::ranges::find(model.upstreams, name, &UpstreamModel::name);
  return found == model.upstreams.end() ? nullptr : &*found;
}

// "upstreams.payments" to "payments", `upstreams."ledger.shop"` to "ledger.shop".
std::string nameBehind(const std::string& group) {
  std::string name = group.substr(group.find('.') + 1);
  std::erase(name, '"');
  return name;
}

// ---- Upstreams

std::vector<std::string> missingFrom(const UpstreamModel& other, const UpstreamModel& upstream) {
  std::vector<std::string> addresses;
  for (const config::EndpointModel& endpoint : upstream.endpoints) {
    if (std::ranges::find(other.endpoints, endpoint.address, &config::EndpointModel::address) == other.endpoints.end())
      addresses.push_back(endpoint.address.text());
  }
  return addresses;
}

void sayEndpoints(DifferenceGroup& group, const UpstreamModel& before, const UpstreamModel& after) {
  if (const auto gone = missingFrom(after, before); !gone.empty()) {
    group.atReload.push_back("new requests leave out " + listed(gone) + "; those under way there end as they would");
  }
  if (const auto come = missingFrom(before, after); !come.empty()) {
    const std::string slowly = after.slowStart ? ", at first with a small share of the requests (slowStart)"
                                               : ", and nothing is known of them yet";
    group.atReload.push_back("requests go to " + listed(come) + " at once" + slowly);
  }
}

void sayUpstream(DifferenceGroup& group, const Model& before, const Model& after) {
  const std::string name = nameBehind(group.name);
  const UpstreamModel* was = upstreamOf(before, name);
  const UpstreamModel* is = upstreamOf(after, name);
  auto& say = group.atReload;
  if (was == nullptr && is != nullptr) {
    say.push_back("the upstream comes" +
                  std::string(is->protocol == Protocol::Tcp ? "" : "; the host " + quoted(name) + " leads to it"));
  } else if (is == nullptr) {
    say.push_back("the upstream goes: requests under way end as they would, and the host " + quoted(name) +
                  " leads nowhere unless a route takes it");
  } else {
    sayEndpoints(group, *was, *is);
    if (touches(group, {"dns", "kubernetes", "port"})) say.emplace_back("its endpoints are looked up anew");
    if (touches(group, {"policy"})) say.push_back("new requests follow the policy " + quoted(is->policy));
    if (touches(group, {"tls", "sidecar"})) {
      say.emplace_back(
          "connections that are open to its endpoints take no new requests; new ones are made as it says now");
    }
    if (touches(group, {"protocol", "proxyProtocol"})) say.emplace_back("connections are made so from now on");
  }
}

// ---- Policies

std::vector<std::string> usersOf(const Model& model, const std::string& policy) {
  std::vector<std::string> users;
  if (model.app && model.app->policy == policy) users.emplace_back("calls to the app");
  for (const UpstreamModel& upstream : model.upstreams) {
    if (upstream.policy == policy) users.push_back(quoted(upstream.name));
  }
  return users;
}

void sayPolicy(DifferenceGroup& group, const Model& after) {
  const auto users = usersOf(after, nameBehind(group.name));
  group.atReload.push_back(users.empty() ? "nothing uses this policy"
                                         : "it counts for new requests (" + listed(users) +
                                               "); those under way end by what they began with");
}

// ---- Listeners

using Plans = std::map<std::string, ListenerPlan>;

// Which group tells of a listener.
std::string groupOfListener(const std::string& name, const DifferenceGroup& group) {
  if (name.starts_with("upstream ")) return "upstreams." + name.substr(9);
  if (name.starts_with("inbound ")) return "app";
  if (name == "outbound ipv6") return group.name == "redirect" ? "redirect" : "listen";
  if (name == "inbound") return group.name == "app" ? "app" : "listen";
  return "listen";
}

bool tellsOf(const std::string& listener, const DifferenceGroup& group) {
  std::string name = group.name;
  std::erase(name, '"');
  if (groupOfListener(listener, group) != name) return false;
  if (name != "listen") return true;
  return touches(group, {Bytes(listener).substr(0, listener.find(' '))});
}

void sayListeners(DifferenceGroup& group, const Plans& before, const Plans& after) {
  for (const auto& [name, plan] : before) {
    if (!tellsOf(name, group)) continue;
    const auto now = after.find(name);
    if (now == after.end()) {
      group.atReload.push_back("the listener " + quoted(name) + " closes " + plan.address.text() +
                               "; connections that it took are not cut");
    } else if (now->second.address != plan.address) {
      group.atReload.push_back("the listener " + quoted(name) + " moves from " + plan.address.text() + " to " +
                               now->second.address.text() + "; connections that it took are not cut");
    }
  }
  for (const auto& [name, plan] : after) {
    if (before.contains(name) || !tellsOf(name, group)) continue;
    group.atReload.push_back("the listener " + quoted(name) + " opens " + plan.address.text());
  }
}

// ---- The rest

void sayApp(DifferenceGroup& group, const Model& before, const Model& after) {
  auto& say = group.atReload;
  if (!before.app || !after.app) return;
  if (touches(group, {"port", "address", "ports"})) say.emplace_back("new calls go where it says now");
  if (touches(group, {"policy"})) say.push_back("new calls follow the policy " + quoted(after.app->policy));
  const auto strict = config::AppTlsModel::Mode::Strict;
  if (after.app->tls.mode == strict && before.app->tls.mode != strict) {
    say.emplace_back("connections without TLS are served no longer than the call under way");
  } else if (touches(group, {"tls"})) {
    say.emplace_back(
        "it counts for new connections; an open one whose caller would not pass is served no longer than the "
        "call under way");
  }
  if (touches(group, {"protocol", "proxyProtocol"})) say.emplace_back("it counts for new connections");
}

void needsRestart(DifferenceGroup& group, const std::string& what) {
  group.needsRestart = true;
  group.atReload.push_back(what + " needs a restart: a reload leaves it as it was");
}

void sayMetrics(DifferenceGroup& group) {
  for (const Bytes key : {Bytes("maxSeries"), Bytes("buckets")}) {
    if (touches(group, {key})) needsRestart(group, quoted("metrics." + std::string(key)));
  }
}

void sayRedirect(DifferenceGroup& group) {
  if (touches(group, {"enabled"})) {
    group.atReload.emplace_back("new connections are asked where they were going only while it is enabled");
  }
  group.atReload.emplace_back("the kernel's rules stay as they are until `outrigger redirect` makes them anew");
}

struct Fixed {
  Bytes group;
  Bytes says;
};
constexpr Fixed kFixed[] = {
    {"access", "each new request is judged so, on open connections too"},
    {"admin", "it counts at once"},
    {"http", "open connections follow it too, `streams` new ones alone"},
    {"identity",
     "new connections use it; a caller whose certificate passes no longer is served no longer than what is under way"},
    {"log", "it counts from the next record on"},
    {"opaquePorts", "it counts for new connections"},
    {"outbound", "it counts for new requests and connections"},
    {"routes", "new requests are matched so; those under way end by the route that took them"},
    {"shutdown", "it counts for the next drain"},
    {"tracing", "it counts for new requests"},
};

}  // namespace

void sayWhatHappens(DifferenceGroup& group, const Model& before, const Model& after) {
  if (group.name.starts_with("upstreams.")) sayUpstream(group, before, after);
  if (group.name.starts_with("policies.")) sayPolicy(group, after);
  if (group.name == "app") sayApp(group, before, after);
  if (group.name == "workers") needsRestart(group, quoted("workers"));
  if (group.name == "metrics") sayMetrics(group);
  if (group.name == "redirect") sayRedirect(group);
  const auto fixed = std::ranges::find(kFixed, Bytes(group.name), &Fixed::group);
  if (fixed != std::end(kFixed)) group.atReload.emplace_back(fixed->says);
  sayListeners(group, planListeners(before), planListeners(after));
}

}  // namespace outrigger::control::cli
