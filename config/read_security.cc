// TLS of the app and the upstreams, and the rules of access: what they need is there, and every rule can decide.
#include <algorithm>
#include <map>

#include "config/bind.h"
#include "config/draft.h"
#include "config/file_schema.h"
#include "config/texts.h"

namespace outrigger::config {
namespace {

using Clients = TlsServerSettings::Clients;

// Whether the file has them, sound or not: what is not sound was reported.
bool hasIdentity(const Draft& draft) {
  return draft.written.find("identity") != nullptr;
}

bool hasTrust(const Draft& draft) {
  const Node* identity = draft.written.find("identity");
  return identity != nullptr && (!identity->isMap() || identity->find("trust") != nullptr);
}

Place placeAt(const Node& map, Bytes key) {
  const Node::Entry* entry = map.entry(key);
  return entry == nullptr ? map.place() : entry->place;
}

// Whether a path is below a prefix, by whole segments.
bool isBelow(Bytes path, Bytes prefix) {
  if (prefix == "/") return true;
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool takesIdentity(Bytes rule, Bytes identity) {
  if (rule == identity) return true;
  return rule.ends_with("/*") && identity.size() >= rule.size() &&
         identity.starts_with(rule.substr(0, rule.size() - 1));
}

// Whether every value of `inner` is among those of `outer`; an empty list stands for all.
template <class Takes>
bool coversList(const std::vector<std::string>& outer, const std::vector<std::string>& inner, Takes takes) {
  if (outer.empty()) return true;
  return !inner.empty() && std::ranges::all_of(inner, [&](const std::string& one) {
    return std::ranges::any_of(outer, [&](const std::string& other) { return takes(other, one); });
  });
}

bool coversPath(const policy::AccessRule& outer, const policy::AccessRule& inner) {
  if (!outer.path && !outer.prefix) return true;
  if (outer.path) return inner.path == outer.path;
  if (inner.path) return isBelow(*inner.path, *outer.prefix);
  return inner.prefix && isBelow(*inner.prefix, *outer.prefix);
}

bool covers(const policy::AccessRule& outer, const policy::AccessRule& inner) {
  return coversList(outer.identities, inner.identities, takesIdentity) &&
         coversList(outer.methods, inner.methods, [](Bytes a, Bytes b) { return a == b; }) && coversPath(outer, inner);
}

class AccessReader {
 public:
  AccessReader(const Node& written, Draft& draft) : written_(written), draft_(draft) {}

  policy::AccessSettings read();

 private:
  void rule(const WrittenAccessRule& written, const Node& node, size_t number);
  void checkRule(const policy::AccessRule& rule, const Node& node);
  void checkCovered();
  void checkWhole();
  void report(Code code, Place place, std::string message, std::string tryText = {}) {
    draft_.diagnostics.report(code, place, std::move(message), std::move(tryText));
  }

  const Node& written_;
  Draft& draft_;
  policy::AccessSettings settings_;
  std::vector<Place> places_;  // of the rules
  std::map<std::string, size_t> byName_;
};

policy::AccessSettings AccessReader::read() {
  WrittenAccess access;
  fill(access, written_, kAccessShape);
  settings_.allowByDefault = access.byDefault == WrittenAccess::Default::Allow;
  settings_.mode = access.mode;
  size_t next = 0;
  size_t number = 0;
  if (const Node* rules = written_.find("rules")) {
    for (const Node& node : rules->items()) {
      ++number;
      if (!node.isInvalid()) rule(access.rules[next++], node, number);
    }
  }
  if (draft_.diagnostics.hasErrors()) return std::move(settings_);  // a rule that was cut short covers too much
  checkCovered();
  checkWhole();
  return std::move(settings_);
}

void AccessReader::rule(const WrittenAccessRule& written, const Node& node, size_t number) {
  policy::AccessRule rule{.name = written.name.empty() ? "rule-" + std::to_string(number) : written.name,
                          .identities = written.identities,
                          .methods = written.methods,
                          .path = written.path,
                          .prefix = written.prefix,
                          .allow = written.allow};
  const auto [other, isNew] = byName_.emplace(rule.name, places_.size());
  if (!isNew) {
    report(Code::SameRuleName, placeAt(node, "name"),
           "the rule in line " + std::to_string(places_[other->second].line) + " is called " + inQuotes(rule.name) +
               " as well");
  }
  checkRule(rule, node);
  settings_.rules.push_back(std::move(rule));
  places_.push_back(node.place());
}

void AccessReader::checkRule(const policy::AccessRule& rule, const Node& node) {
  if (rule.path && rule.prefix) {
    report(Code::KeysExclude, placeAt(node, "prefix"), "an access rule has one of `path`, `prefix`");
  }
  if (!draft_.model.app) return;
  const AppModel& app = *draft_.model.app;
  if (!rule.identities.empty() && app.tls.mode == AppTlsModel::Mode::None) {
    report(Code::NobodyIsVerified, placeAt(node, "identity"),
           "this rule names identities, but callers are received in plain: none has one",
           "app: {tls: {mode: permissive}}, and `identity` at the top");
  } else if (!rule.identities.empty() && app.tls.clients == Clients::Ignored) {
    report(Code::NobodyIsVerified, placeAt(node, "identity"),
           "this rule names identities, but with `clients: ignored` callers show none", "clients: optional");
  }
  if (app.protocol != Protocol::Tcp) return;
  for (const Bytes key : {"methods", "path", "prefix"}) {
    if (node.find(key) == nullptr) continue;
    report(Code::KeysExclude, placeAt(node, key), inQuotes(key) + " means nothing where the app has `protocol: tcp`");
  }
}

void AccessReader::checkCovered() {
  for (size_t i = 1; i < settings_.rules.size(); ++i) {
    if (draft_.diagnostics.full()) return;
    for (size_t j = 0; j < i; ++j) {
      if (!covers(settings_.rules[j], settings_.rules[i])) continue;
      report(Code::NeverMatches, places_[i],
             "the access rule " + inQuotes(settings_.rules[i].name) +
                 " never decides: " + inQuotes(settings_.rules[j].name) + " in line " +
                 std::to_string(places_[j].line) + " takes all its calls",
             "this rule before that one");
      break;
    }
  }
}

void AccessReader::checkWhole() {
  if (!draft_.model.app) {
    report(Code::NeverFires, written_.place(), "without an `app`, there is nothing that `access` could guard",
           "app: {port: 8080}");
  } else if (!settings_.allowByDefault &&
             std::ranges::none_of(settings_.rules, [](const policy::AccessRule& rule) { return rule.allow; })) {
    report(Code::RefusesAll, written_.place(), "no rule allows anything: every call to the app is refused",
           "rules: [{allow: true, ...}], or default: allow");
  }
}

}  // namespace

AppTlsModel readAppTls(const Node& written, const WrittenAppTls& tls, const Draft& draft) {
  const Node& node = *written.find("tls");
  AppTlsModel model{.mode = tls.mode, .clients = Clients::Ignored, .place = tls.place};
  const bool strict = tls.mode == AppTlsModel::Mode::Strict;
  if (tls.mode == AppTlsModel::Mode::None) {
    if (node.find("clients") != nullptr && node.find("mode") != nullptr && !node.find("mode")->isInvalid()) {
      draft.diagnostics.report(Code::KeysExclude, placeAt(node, "clients"),
                               "`clients` means nothing beside `mode: none`");
    }
    return model;
  }
  model.clients = tls.clients.value_or(strict ? Clients::Required : Clients::Optional);
  if (!hasIdentity(draft)) {
    draft.diagnostics.report(Code::NoIdentity, placeAt(node, "mode"),
                             "TLS needs a certificate, and the file has no `identity`",
                             "identity: {cert: /certs/tls.crt, key: /certs/tls.key, trust: /certs/ca.crt}, at the top");
  } else if (model.clients != Clients::Ignored && !hasTrust(draft)) {
    draft.diagnostics.report(Code::NoTrust, placeAt(node, tls.clients ? "clients" : "mode"),
                             "callers' certificates cannot be verified: `identity` has no `trust`",
                             "identity: {trust: /certs/ca.crt, ...}, or clients: ignored");
  }
  return model;
}

std::optional<UpstreamTlsModel> readUpstreamTls(const Node& written, std::optional<UpstreamTlsModel> tls,
                                                const Draft& draft) {
  const Node* node = written.find("tls");
  if (!tls || node == nullptr || !node->isMap()) return tls;
  if (node->find("serverName") == nullptr && node->find("identities") == nullptr) {
    draft.diagnostics.report(Code::MissingKey, node->place(),
                             "an upstream's `tls` needs the key `serverName` or `identities`: whom to expect there",
                             "serverName: payments.shop");
  }
  if (tls->mode == UpstreamTlsModel::Mode::Mutual && !hasIdentity(draft)) {
    draft.diagnostics.report(Code::NoIdentity, placeAt(*node, "mode"),
                             "`mode: mutual` shows our certificate, and the file has no `identity`",
                             "identity: {cert: /certs/tls.crt, key: /certs/tls.key, trust: /certs/ca.crt}, at the top");
  } else if (node->find("trust") == nullptr && !hasTrust(draft)) {
    draft.diagnostics.report(Code::NoTrust, node->place(),
                             "nothing says which authorities may vouch for this upstream; those of the system are not "
                             "asked",
                             "trust: /certs/ca.crt");
  }
  if (tls->trust.empty() && draft.model.identity) tls->trust = draft.model.identity->trust;
  return tls;
}

void readAccess(Draft& draft) {
  const Node* written = draft.written.find("access");
  if (written == nullptr || !written->isMap()) return;
  draft.model.access = AccessReader(*written, draft).read();
}

}  // namespace outrigger::config
