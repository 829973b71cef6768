#include "control/cli/reload_meaning.h"

#include <algorithm>

#include "control/names.h"
#include "control/needs_restart.h"

// Each sentence is what the data plane does: Worker::install, Cluster::configure, EndpointSet::configure,
// ListenerTable, Sidecar::makeWorkers.

namespace outrigger::control::cli {
namespace {

using config::Change;
using config::Model;
using config::UpstreamModel;

std::string quoted(const std::string& text) {
  return "`" + text + "`";
}

// The path behind the group's name.
Bytes keyIn(const DifferenceGroup& group, const Change& change) {
  const Bytes path = change.path;
  return path.size() > group.name.size() ? path.substr(group.name.size() + 1) : Bytes();
}

bool isBelow(Bytes key, Bytes one) {
  return key.starts_with(one) && (key.size() == one.size() || key[one.size()] == '.' || key[one.size()] == '[');
}

bool isBelowAny(Bytes key, std::span<const Bytes> all) {
  return std::ranges::any_of(all, [&](Bytes one) { return isBelow(key, one); });
}

bool touches(const DifferenceGroup& group, std::initializer_list<Bytes> keys) {
  return std::ranges::any_of(group.changes, [&](const Change& change) {
    return isBelowAny(keyIn(group, change), std::span(keys.begin(), keys.size()));
  });
}

std::map<std::string_view, const UpstreamModel*> byName(const Model& model) {
  std::map<std::string_view, const UpstreamModel*> upstreams;
  for (const UpstreamModel& upstream : model.upstreams) upstreams.emplace(upstream.name, &upstream);
  return upstreams;
}

const UpstreamModel* upstreamOf(const std::map<std::string_view, const UpstreamModel*>& upstreams, Bytes name) {
  const auto found = upstreams.find(name);
  return found == upstreams.end() ? nullptr : found->second;
}

std::string unquoted(std::string name) {
  std::erase(name, '"');
  return name;
}

// "upstreams.payments" to "payments", `upstreams."ledger.shop"` to "ledger.shop".
std::string nameBehind(const std::string& group) {
  return unquoted(group.substr(group.find('.') + 1));
}

// ---- Upstreams

std::vector<std::string> missingFrom(const UpstreamModel& other, const UpstreamModel& upstream) {
  std::set<std::string> there;
  for (const config::EndpointModel& endpoint : other.endpoints) there.insert(endpoint.address.text());
  std::vector<std::string> addresses;
  for (const config::EndpointModel& endpoint : upstream.endpoints) {
    if (std::string text = endpoint.address.text(); !there.contains(text)) addresses.push_back(std::move(text));
  }
  return addresses;
}

void sayEndpoints(DifferenceGroup& group, const UpstreamModel& before, const UpstreamModel& after) {
  if (const auto gone = missingFrom(after, before); !gone.empty()) {
    group.atReload.push_back("new requests leave out " + joined(gone, ", ") +
                             "; those under way there end as they would");
  }
  if (const auto come = missingFrom(before, after); !come.empty()) {
    const std::string slowly = after.slowStart ? ", at first with a small share of the requests (slowStart)"
                                               : ", and nothing is known of them yet";
    group.atReload.push_back("requests go to " + joined(come, ", ") + " at once" + slowly);
  }
}

// ---- Policies

std::map<std::string, std::vector<std::string>> usersIn(const Model& model) {
  std::map<std::string, std::vector<std::string>> users;
  if (model.app) users[model.app->policy].emplace_back("calls to the app");
  for (const UpstreamModel& upstream : model.upstreams) users[upstream.policy].push_back(quoted(upstream.name));
  return users;
}

// What every request asks its upstream for, whenever it began: Cluster::configure. The rest it has taken with it.
constexpr Bytes kAtOnce[] = {"breaker", "eject", "failures", "limits", "mode", "retry.budget", "timeout.connect"};

bool isAtOnce(const DifferenceGroup& group, const Change& change) {
  return isBelowAny(keyIn(group, change), kAtOnce);
}

// ---- Listeners

// Which groups may tell of a listener.
std::vector<std::string> groupsOfListener(const std::string& name) {
  if (name.starts_with("upstream ")) return {"upstreams." + name.substr(9)};
  if (name.starts_with("inbound ")) return {"app"};
  if (name == "outbound ipv6") return {"redirect", "listen"};
  if (name == "inbound") return {"app", "listen"};
  return {"listen"};
}

bool tellsOf(const std::string& listener, const DifferenceGroup& group) {
  return group.name != "listen" || touches(group, {Bytes(listener).substr(0, listener.find(' '))});
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

void sayRestart(DifferenceGroup& group) {
  for (const std::string& key : control::needsRestart(group.changes)) {
    group.needsRestart = true;
    group.atReload.push_back(quoted(key) + " needs a restart: a reload leaves it as it was");
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

ReloadMeaning::ReloadMeaning(const Model& before, const Model& after)
    : before_(before),
      after_(after),
      upstreamsBefore_(byName(before)),
      upstreamsAfter_(byName(after)),
      plansBefore_(planListeners(before)),
      plansAfter_(planListeners(after)),
      usersAfter_(usersIn(after)) {
  for (const Plans* plans : {&plansBefore_, &plansAfter_}) {
    for (const auto& [name, plan] : *plans) {
      for (const std::string& group : groupsOfListener(name)) listenersOf_[unquoted(group)].insert(name);
    }
  }
}

void ReloadMeaning::sayUpstream(DifferenceGroup& group) const {
  const std::string name = nameBehind(group.name);
  const UpstreamModel* was = upstreamOf(upstreamsBefore_, name);
  const UpstreamModel* is = upstreamOf(upstreamsAfter_, name);
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

void ReloadMeaning::sayPolicy(DifferenceGroup& group) const {
  const auto found = usersAfter_.find(nameBehind(group.name));
  if (found == usersAfter_.end()) {
    group.atReload.emplace_back("nothing uses this policy");
    return;
  }
  const auto atOnce = [&](const Change& change) { return isAtOnce(group, change); };
  const std::string users = " (" + joined(found->second, ", ") + ")";
  if (std::ranges::any_of(group.changes, atOnce)) {
    group.atReload.push_back("breakers, ejection, limits and budgets follow it at once" + users +
                             ", for requests under way too");
  }
  if (!std::ranges::all_of(group.changes, atOnce)) {
    group.atReload.push_back("it counts for new requests" + users + "; those under way end by what they began with");
  }
}

void ReloadMeaning::sayListeners(DifferenceGroup& group) const {
  const auto names = listenersOf_.find(unquoted(group.name));
  if (names == listenersOf_.end()) return;
  for (const std::string& name : names->second) {
    const auto was = plansBefore_.find(name);
    const auto is = plansAfter_.find(name);
    if (was == plansBefore_.end() || !tellsOf(name, group)) continue;
    const std::string address = was->second.address.text();
    if (is == plansAfter_.end()) {
      group.atReload.push_back("the listener " + quoted(name) + " closes " + address +
                               "; connections that it took are not cut");
    } else if (is->second.address != was->second.address) {
      group.atReload.push_back("the listener " + quoted(name) + " moves from " + address + " to " +
                               is->second.address.text() + "; connections that it took are not cut");
    }
  }
  for (const std::string& name : names->second) {
    if (plansBefore_.contains(name) || !tellsOf(name, group)) continue;
    group.atReload.push_back("the listener " + quoted(name) + " opens " + plansAfter_.at(name).address.text());
  }
}

void ReloadMeaning::say(DifferenceGroup& group) const {
  if (group.name.starts_with("upstreams.")) sayUpstream(group);
  if (group.name.starts_with("policies.")) sayPolicy(group);
  if (group.name == "app") sayApp(group, before_, after_);
  sayRestart(group);
  if (group.name == "redirect") sayRedirect(group);
  const auto fixed = std::ranges::find(kFixed, Bytes(group.name), &Fixed::group);
  if (fixed != std::end(kFixed)) group.atReload.emplace_back(fixed->says);
  sayListeners(group);
}

}  // namespace outrigger::control::cli
