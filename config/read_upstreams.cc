// The app and the upstreams: references resolved, settings effective.
#include <set>

#include "config/built_in.h"
#include "config/draft.h"
#include "config/file_schema.h"
#include "config/policy_schema.h"
#include "config/texts.h"
#include "config/written.h"

namespace outrigger::config {
namespace {

// The place of a key's value, or of the map itself.
Place placeAt(const Node& map, Bytes key) {
  const Node* value = map.find(key);
  return value == nullptr ? map.place() : value->place();
}

// The effective policy that a map names; the built-in one if it was reported as unknown.
Node policyOf(const Node& map, Draft& draft) {
  const Node* reference = map.find("policy");
  const Node* policy = reference == nullptr ? nullptr : draft.policies.use(*reference);
  return policy == nullptr ? *draft.policies.find("default") : *policy;
}

void checkEndpoints(const std::vector<EndpointModel>& endpoints, Diagnostics& diagnostics) {
  std::set<std::string> seen;
  for (const EndpointModel& endpoint : endpoints) {
    if (endpoint.address.family() == Address::Family::None) continue;  // was reported
    if (seen.insert(endpoint.address.unmapped().text()).second) continue;
    diagnostics.report(Code::SameEndpoint, endpoint.place,
                       "the endpoint " + inQuotes(endpoint.address.text()) + " stands here twice",
                       "{address: \"" + endpoint.address.text() + "\", weight: 2}, once");
  }
}

void checkName(const Node::Entry& entry, std::map<std::string, std::string>& hosts, const Draft& draft) {
  if (entry.key == "app" && draft.written.find("app") != nullptr) {
    draft.diagnostics.report(Code::ReservedName, entry.place, "`app` is the name of the app beside us",
                             "another name for this upstream");
  }
  const auto [other, isNew] = hosts.emplace(lowered(entry.key), entry.key);
  if (isNew) return;
  draft.diagnostics.report(
      Code::SameHost, entry.place,
      inQuotes(entry.key) + " and " + inQuotes(other->second) + " answer to the same host: case does not matter there");
}

}  // namespace

void readApp(Draft& draft) {
  const Node* written = draft.written.find("app");
  if (written == nullptr) {
    const Node* listen = draft.written.find("listen");
    const Node* inbound = listen == nullptr ? nullptr : listen->find("inbound");
    draft.model.listen.inbound.reset();
    if (inbound == nullptr || inbound->is("none") || inbound->isInvalid()) return;
    draft.diagnostics.report(Code::UnusedListener, inbound->place(),
                             "without an `app`, the inbound listener is not opened", "app: {port: 8080}");
    return;
  }
  if (!written->isMap()) return;
  const Node effective = merge(builtInApp(), *written);
  WrittenApp app;
  fill(app, effective, kAppShape);
  const bool hasPort = written->find("port") != nullptr;
  const bool hasAddress = written->find("address") != nullptr;
  if (hasPort && hasAddress) {
    draft.diagnostics.report(Code::KeysExclude, placeAt(*written, "address"),
                             "`port` and `address` of the app exclude each other");
  } else if (!hasPort && !hasAddress) {
    draft.diagnostics.report(Code::MissingKey, written->place(), "the app needs the key `port` or `address`",
                             "port: 8080");
  }
  draft.appPolicy = policyOf(effective, draft);
  AppModel& model = draft.model.app.emplace();
  model.address = app.address.value_or(Address::loopback(app.port.value_or(0)));
  model.policy = app.policy;
  model.place = placeAt(*written, hasAddress ? "address" : "port");
  fill(model.settings, draft.appPolicy, kPolicyShape);
}

void readUpstreams(Draft& draft) {
  const Node* all = draft.written.find("upstreams");
  if (all == nullptr) return;
  const Node defaults = builtInUpstream();
  std::map<std::string, std::string> hosts;
  for (const Node::Entry& entry : all->entries()) {
    checkName(entry, hosts, draft);
    const Node effective = merge(defaults, entry.value);
    WrittenUpstream upstream;
    fill(upstream, effective, kUpstreamShape);
    checkEndpoints(upstream.endpoints, draft.diagnostics);
    draft.upstreamIndex.emplace(entry.key, draft.model.upstreams.size());
    draft.upstreamPolicies.push_back(policyOf(effective, draft));
    UpstreamModel& model = draft.model.upstreams.emplace_back();
    model.name = entry.key;
    model.endpoints = std::move(upstream.endpoints);
    model.policy = upstream.policy;
    model.balance = upstream.balance;
    model.listen = upstream.listen;
    model.place = entry.place;
    fill(model.settings, draft.upstreamPolicies.back(), kPolicyShape);
  }
}

}  // namespace outrigger::config
