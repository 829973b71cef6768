// The upstreams: references resolved, settings effective.
#include <set>

#include "config/built_in.h"
#include "config/draft.h"
#include "config/file_schema.h"
#include "config/pairs.h"
#include "config/policy_schema.h"
#include "config/texts.h"
#include "config/written.h"

namespace outrigger::config {
namespace {

// An upstream over the built-in values, which a written map of health checks has as well.
Node effectiveUpstream(const Node& defaults, const Node& written, Diagnostics& diagnostics) {
  Node effective = merge(defaults, written);
  const Node* health = written.find("health");
  if (health != nullptr && health->isMap()) {
    Node checks = builtInHealth();
    const Node* protocol = written.find("protocol");
    if (protocol != nullptr && protocol->is("tcp")) {
      checks = with(checks, "kind", Node::scalar("tcp", false, checks.origin()));
    }
    const Node kind = *merge(checks, *health).find("kind");
    if (kind.is("tcp") || kind.is("grpc")) checks = without(checks, "path");
    if (kind.is("tcp")) checks = without(checks, "host");
    effective = with(effective, "health", merge(checks, *health));
  }
  const Node* tls = written.find("tls");
  if (tls != nullptr && tls->isMap()) effective = with(effective, "tls", merge(builtInUpstreamTls(), *tls));
  checkPairs(written, upstreamPairs(), diagnostics);
  return settlePairs(effective, written, upstreamPairs(), diagnostics);
}

void checkEndpoints(const std::vector<EndpointModel>& endpoints, Diagnostics& diagnostics) {
  std::set<std::string> seen;
  std::set<std::string> dialled;
  for (const EndpointModel& endpoint : endpoints) {
    if (endpoint.address.family() == Address::Family::None) continue;  // was reported
    if (!seen.insert(endpoint.address.unmapped().text()).second) {
      diagnostics.report(Code::SameEndpoint, endpoint.place,
                         "the endpoint " + inQuotes(endpoint.address.text()) + " stands here twice",
                         "{address: \"" + endpoint.address.text() + "\", weight: 2}, once");
    } else if (!dialled.insert(endpoint.dial.unmapped().text()).second) {
      diagnostics.report(Code::SameEndpoint, endpoint.place,
                         "the endpoint " + inQuotes(endpoint.address.text()) + " has the same sidecar as another, at " +
                             inQuotes(endpoint.dial.text()));
    }
  }
}

// Where the endpoints are called, if a sidecar stands before each.
void readSidecar(const Node& sidecar, UpstreamModel& upstream, Diagnostics& diagnostics) {
  upstream.sidecar = sidecar.is("true") || sidecar.isMap();
  const Node* port = sidecar.find("port");
  const auto number = port == nullptr || !port->isScalar() ? std::nullopt : parseDecimal(port->text(), 65535);
  if (number) upstream.sidecarPort = static_cast<uint16_t>(*number);
  for (EndpointModel& endpoint : upstream.endpoints) {
    endpoint.dial = endpoint.address;
    if (!number) continue;
    if (endpoint.address.family() == Address::Family::Unix) {
      diagnostics.report(
          Code::KeysExclude, port->place(),
          "the endpoint " + inQuotes(endpoint.address.text()) + " has no port that another could replace",
          "sidecar: true");
      return;
    }
    endpoint.dial = endpoint.address.withPort(static_cast<uint16_t>(*number));
  }
}

// Exactly one of `endpoints`, `dns`, `kubernetes` says where an upstream's endpoints are.
void checkOrigin(const Node& written, Diagnostics& diagnostics) {
  const Node::Entry* first = nullptr;
  for (const Bytes key : {"endpoints", "dns", "kubernetes"}) {
    const Node::Entry* entry = written.entry(key);
    if (entry == nullptr) continue;
    if (first != nullptr) {
      diagnostics.report(Code::KeysExclude, entry->place,
                         inQuotes(first->key) + " and " + inQuotes(key) + " of an upstream exclude each other");
      return;
    }
    first = entry;
  }
  if (first == nullptr) {
    diagnostics.report(Code::MissingKey, written.place(),
                       "an upstream needs one of the keys `endpoints`, `dns`, `kubernetes`",
                       "endpoints: [\"10.0.0.7:8080\"]");
    return;
  }
  const Node::Entry* port = written.entry("port");
  const bool byName = first->key == "dns" && first->value.isScalar();
  const bool byService = byName && first->value.text().starts_with('_');
  if (port != nullptr && first->key != "dns") {
    diagnostics.report(Code::KeysExclude, port->place, "`port` means nothing without `dns`");
  } else if (port != nullptr && byService) {
    diagnostics.report(Code::KeysExclude, port->place, "SRV records tell the ports of this name");
  } else if (port == nullptr && byName && !byService) {
    diagnostics.report(Code::MissingKey, first->place, "a name needs the port of its endpoints beside it",
                       "port: 8080");
  }
}

void readOrigin(const WrittenUpstream& written, UpstreamModel& model) {
  if (written.dns) {
    std::string name = lowered(*written.dns);
    if (name.ends_with('.')) name.pop_back();
    model.dns = DnsModel{std::move(name), written.port.value_or(0)};
  }
  if (!written.kubernetes) return;
  const WrittenKubernetes& kubernetes = *written.kubernetes;
  KubernetesModel& service = model.kubernetes.emplace();
  service.service = kubernetes.service;
  service.nameSpace = kubernetes.nameSpace;
  if (const auto number = parseDecimal(kubernetes.port, 65535)) {
    service.port = static_cast<uint16_t>(*number);
  } else {
    service.portName = kubernetes.port;
  }
}

void checkBalance(const Node& balance, Diagnostics& diagnostics) {
  const Node* hash = balance.find("hash");
  if (hash == nullptr || !hash->isMap()) return;
  const Node::Entry* cookie = hash->entry("cookie");
  if (hash->find("header") == nullptr && cookie == nullptr) {
    diagnostics.report(Code::MissingKey, hash->place(), "a hash needs the key `header` or `cookie`, or is `source`",
                       "hash: {header: x-user}");
  } else if (hash->find("header") != nullptr && cookie != nullptr) {
    diagnostics.report(Code::KeysExclude, cookie->place, "`header` and `cookie` of a hash exclude each other");
  } else if (const Node::Entry* ttl = hash->entry("ttl"); ttl != nullptr && cookie == nullptr) {
    diagnostics.report(Code::KeysExclude, ttl->place, "`ttl` means nothing without a `cookie`");
  }
}

void checkHealth(const Node& health, Protocol protocol, Diagnostics& diagnostics) {
  struct Foreign {
    Bytes kind;
    Bytes key;
  };
  constexpr Foreign kForeign[] = {
      {"tcp", "path"}, {"tcp", "host"}, {"tcp", "service"}, {"grpc", "path"}, {"http", "service"}};
  const Node* written = health.find("kind");
  if (written != nullptr && written->isInvalid()) return;
  const Bytes kind = written != nullptr ? written->text() : protocol == Protocol::Tcp ? "tcp" : "http";
  for (const Foreign& foreign : kForeign) {
    const Node::Entry* entry = kind == foreign.kind ? health.entry(foreign.key) : nullptr;
    if (entry == nullptr) continue;
    diagnostics.report(Code::KeysExclude, entry->place,
                       inQuotes(foreign.key) + " means nothing beside `kind: " + std::string(kind) + "`");
  }
  if (protocol == Protocol::Http2 && kind == "http") {
    diagnostics.report(Code::KeysExclude, written != nullptr ? written->place() : health.place(),
                       "an http check speaks HTTP/1.1, and these endpoints speak HTTP/2", "kind: grpc, or kind: tcp");
  }
  if (written == nullptr) return;
  if (protocol == Protocol::Tcp && kind != "tcp") {
    diagnostics.report(Code::KeysExclude, written->place(), "`protocol: tcp` is checked by a connection alone",
                       "kind: tcp");
  } else if (protocol == Protocol::Http1 && kind == "grpc") {
    diagnostics.report(Code::KeysExclude, written->place(), "a gRPC check speaks HTTP/2",
                       "protocol: http2, at the upstream");
  }
}

// Plain bytes come by a port of the upstream's own, or by CONNECT.
void checkTcp(const UpstreamModel& upstream, const Node& written, const Draft& draft) {
  if (upstream.protocol != Protocol::Tcp) return;
  const Node* listen = written.find("listen");
  const bool listens = listen != nullptr && !listen->is("none");
  if (listens || draft.model.http.connect || draft.model.redirect.enabled) return;
  draft.diagnostics.report(Code::NothingLeadsThere, written.find("protocol")->place(),
                           "nothing leads to this upstream: with `protocol: tcp` it needs a port of its own",
                           "listen: \"127.0.0.1:15432\"");
}

// The header would have to stand before the handshake, and we write behind it.
void checkProxyProtocol(const UpstreamModel& upstream, const Node& written, Diagnostics& diagnostics) {
  if (!upstream.tls || upstream.proxyProtocol == policy::ProxyProtocol::None) return;
  diagnostics.report(Code::KeysExclude, written.find("proxyProtocol")->place(),
                     "`proxyProtocol` and `tls` of an upstream exclude each other");
}

void checkName(const Node::Entry& entry, std::map<std::string, std::string>& hosts, const Draft& draft) {
  if (entry.key == "app" && draft.written.find("app") != nullptr) {
    draft.diagnostics.report(Code::ReservedName, entry.place, "`app` is the name of the app beside us",
                             "another name for this upstream");
  }
  if (entry.key == "passthrough" || entry.key == "passthrough-inbound") {
    draft.diagnostics.report(Code::ReservedName, entry.place,
                             inQuotes(entry.key) + " is what goes to hosts that no upstream names",
                             "another name for this upstream");
  }
  const auto [other, isNew] = hosts.emplace(lowered(entry.key), entry.key);
  if (isNew) return;
  draft.diagnostics.report(
      Code::SameHost, entry.place,
      inQuotes(entry.key) + " and " + inQuotes(other->second) + " answer to the same host: case does not matter there");
}

}  // namespace

void readUpstreams(Draft& draft) {
  const Node* all = draft.written.find("upstreams");
  if (all == nullptr) return;
  const Node defaults = builtInUpstream();
  std::map<std::string, std::string> hosts;
  for (const Node::Entry& entry : all->entries()) {
    checkName(entry, hosts, draft);
    const Node& effective = draft.upstreams.emplace_back(effectiveUpstream(defaults, entry.value, draft.diagnostics));
    WrittenUpstream upstream;
    fill(upstream, effective, kUpstreamShape);
    if (const Node* balance = entry.value.find("balance")) checkBalance(*balance, draft.diagnostics);
    if (const Node* health = entry.value.find("health")) checkHealth(*health, upstream.protocol, draft.diagnostics);
    draft.upstreamIndex.emplace(entry.key, draft.model.upstreams.size());
    draft.upstreamPolicies.push_back(policyOf(effective, draft));
    UpstreamModel& model = draft.model.upstreams.emplace_back();
    model.name = entry.key;
    checkOrigin(entry.value, draft.diagnostics);
    readOrigin(upstream, model);
    model.endpoints = std::move(upstream.endpoints);
    model.policy = upstream.policy;
    model.balance = upstream.balance;
    model.health = upstream.health;
    model.slowStart = upstream.slowStart;
    readSidecar(upstream.sidecar, model, draft.diagnostics);
    checkEndpoints(model.endpoints, draft.diagnostics);
    model.listen = upstream.listen;
    model.protocol = upstream.protocol;
    model.tls = readUpstreamTls(entry.value, std::move(upstream.tls), draft);
    model.proxyProtocol = upstream.proxyProtocol;
    checkTcp(model, entry.value, draft);
    checkProxyProtocol(model, entry.value, draft.diagnostics);
    model.place = entry.place;
    fill(model.settings, draft.upstreamPolicies.back(), kPolicyShape);
  }
}

}  // namespace outrigger::config
