// The app: where it is, how it is called and how its callers are received.
#include <algorithm>

#include "config/built_in.h"
#include "config/draft.h"
#include "config/file_schema.h"
#include "config/policy_schema.h"
#include "config/texts.h"
#include "config/written.h"

namespace outrigger::config {
namespace {

// Where the app is: `port`, `address`, or several `ports`, the first of which takes the place of the one.
void readAppPorts(const Node& written, const WrittenApp& app, Draft& draft) {
  AppModel& model = *draft.model.app;
  const Node::Entry* first = nullptr;
  for (const Bytes key : {"port", "address", "ports"}) {
    const Node::Entry* entry = written.entry(key);
    if (entry == nullptr) continue;
    if (first != nullptr) {
      draft.diagnostics.report(Code::KeysExclude, entry->value.place(),
                               inQuotes(first->key) + " and " + inQuotes(key) + " of the app exclude each other");
    } else {
      first = entry;
      model.place = entry->value.place();
    }
  }
  if (first == nullptr) {
    draft.diagnostics.report(Code::MissingKey, written.place(), "the app needs the key `port`, `address` or `ports`",
                             "port: 8080");
  }
  model.address = app.address.value_or(Address::loopback(app.port.value_or(0)));
  if (app.ports.empty()) return;
  model.address = Address::loopback(app.ports.front().port);
  draft.model.listen.inbound = app.ports.front().listen;
  for (size_t i = 1; i < app.ports.size(); ++i) {
    const WrittenAppPort& port = app.ports[i];
    const auto same = [&](const WrittenAppPort& other) { return other.port == port.port; };
    if (std::any_of(app.ports.begin(), app.ports.begin() + static_cast<std::ptrdiff_t>(i), same)) {
      draft.diagnostics.report(Code::SameEndpoint, port.place,
                               "the port " + std::to_string(port.port) + " of the app stands here twice");
    }
    model.morePorts.push_back({port.listen, Address::loopback(port.port), port.place});
  }
  const Node* listen = draft.written.find("listen");
  const Node::Entry* inbound = listen == nullptr ? nullptr : listen->entry("inbound");
  if (inbound == nullptr) return;
  draft.diagnostics.report(Code::KeysExclude, inbound->place,
                           "with `ports`, each port of the app says where it listens");
}

// Whoever names `/` as a probe takes the front page out of policies and metrics.
void checkProbes(const Node& written, Draft& draft) {
  const Node* probes = written.find("probes");
  if (probes == nullptr) return;
  for (const Node& probe : probes->items()) {
    if (!probe.is("/")) continue;
    draft.diagnostics.report(Code::ProbesAtRoot, probe.place(),
                             "requests for `/` pass without policies and are not counted",
                             "a path of its own, /healthz");
  }
}

}  // namespace

Node effectiveApp(const Node& written) {
  const Node app = merge(builtInApp(), written);
  const Node* tls = written.find("tls");
  return tls == nullptr || !tls->isMap() ? app : with(app, "tls", merge(builtInAppTls(), *tls));
}

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
  const Node effective = effectiveApp(*written);
  WrittenApp app;
  fill(app, effective, kAppShape);
  draft.appPolicy = policyOf(effective, draft);
  AppModel& model = draft.model.app.emplace();
  readAppPorts(*written, app, draft);
  model.probes = app.probes;
  checkProbes(*written, draft);
  model.policy = app.policy;
  fill(model.settings, draft.appPolicy, kPolicyShape);
  if (app.tls) model.tls = readAppTls(*written, *app.tls, draft);
  model.protocol = app.protocol;
  model.proxyProtocol = app.proxyProtocol == WrittenProxyProtocol::Required;
}

}  // namespace outrigger::config
