// Routes: those of the file, with references resolved and settings effective, and the implicit ones behind them.
#include <algorithm>
#include <set>

#include "config/draft.h"
#include "config/file_schema.h"
#include "config/implicit_hosts.h"
#include "config/nearest.h"
#include "config/policy_schema.h"
#include "config/texts.h"
#include "config/written.h"

namespace outrigger::config {
namespace {

// One route of the file while it is read.
class RouteReader {
 public:
  RouteReader(const Node& node, size_t number, Draft& draft) : node_(node), draft_(draft) {
    route_.name = "route-" + std::to_string(number);
    fill(route_, node, kRouteShape);
  }

  RouteModel read();
  Place namePlace() const { return placeAt(node_, "name"); }

 private:
  static Place placeAt(const Node& map, Bytes key);
  void checkKeys();
  void checkPrefix(Bytes map);
  policy::RouteMatch match();
  ToModel to();
  std::optional<MirrorModel> mirror();
  std::optional<TargetModel> target(const WrittenTarget& written);
  void checkHttp(const TargetModel& target, const WrittenTarget& written);
  void unknownUpstream(const std::string& name, Place place, bool orApp);
  void redirect();
  void respond();
  void report(Code code, Place place, std::string message, std::string tryText = {}) {
    draft_.diagnostics.report(code, place, std::move(message), std::move(tryText));
  }

  const Node& node_;
  Draft& draft_;
  WrittenRoute route_;
};

Place RouteReader::placeAt(const Node& map, Bytes key) {
  const Node::Entry* entry = map.entry(key);
  return entry == nullptr ? map.place() : entry->place;
}

RouteModel RouteReader::read() {
  checkKeys();
  RouteModel model;
  model.name = route_.name;
  model.place = node_.place();
  model.match = match();
  if (route_.redirect) {
    redirect();
    model.action = *route_.redirect;
  } else if (route_.respond) {
    respond();
    model.action = *route_.respond;
  } else {
    model.action = to();
    model.rewrite = route_.rewrite;
    checkPrefix("rewrite");
  }
  model.filters = readFilters(route_.filters, draft_);
  return model;
}

void RouteReader::checkKeys() {
  std::vector<Bytes> actions;
  for (const Bytes key : {"to", "redirect", "respond"}) {
    if (node_.find(key) != nullptr) actions.push_back(key);
  }
  if (actions.empty()) {
    report(Code::MissingKey, node_.place(), "a route needs one of `to`, `redirect`, `respond`", "to: UPSTREAM");
  } else if (actions.size() > 1) {
    report(Code::KeysExclude, placeAt(node_, actions[1]),
           inQuotes(actions[0]) + " and " + inQuotes(actions[1]) + " exclude each other in a route");
  } else if (actions[0] != "to") {
    for (const Bytes key : {"override", "rewrite", "mirror"}) {
      if (node_.find(key) == nullptr) continue;
      report(Code::KeysExclude, placeAt(node_, key), inQuotes(key) + " means nothing beside " + inQuotes(actions[0]));
    }
  }
}

policy::RouteMatch RouteReader::match() {
  const WrittenMatch& written = route_.match;
  policy::RouteMatch match;
  match.direction = written.direction;
  const HostAndPort host = splitHost(written.host);
  match.host = host.host;
  if (host.port != 0) match.ports = {host.port};
  match.methods = written.methods;
  for (const auto& [name, value] : written.headers) match.headers.emplace_back(lowered(name), value);
  struct Kind {
    Bytes key;
    const std::optional<std::string>& text;
    policy::RouteMatch::PathKind kind;
  };
  using PathKind = policy::RouteMatch::PathKind;
  const Kind kinds[] = {{"path", written.path, PathKind::Exact},
                        {"prefix", written.prefix, PathKind::Prefix},
                        {"regex", written.regex, PathKind::Regex}};
  for (const Kind& kind : kinds) {
    if (!kind.text) continue;
    if (match.pathKind != PathKind::Any) {
      report(Code::KeysExclude, placeAt(*node_.find("match"), kind.key),
             "a match has one of `path`, `prefix`, `regex`");
    }
    match.pathKind = kind.kind;
    match.path = *kind.text;
  }
  return match;
}

void RouteReader::checkPrefix(Bytes map) {
  const Node* inner = node_.find(map);
  const Node::Entry* prefix = inner == nullptr ? nullptr : inner->entry("prefix");
  if (prefix == nullptr || prefix->value.isInvalid() || route_.match.prefix) return;
  const Node* match = node_.find("match");
  if (match != nullptr && match->find("prefix") != nullptr) return;  // it was reported
  report(Code::NothingToReplace, prefix->place, "`prefix` stands instead of the prefix in `match`, and there is none",
         "match: {prefix: /v1}");
}

ToModel RouteReader::to() {
  ToModel to;
  std::set<std::string> seen;
  for (const WrittenTarget& written : route_.to) {
    if (written.upstream.empty()) continue;  // was reported
    if (!seen.insert(written.upstream).second) {
      report(Code::SameTarget, written.place, "the target " + inQuotes(written.upstream) + " stands here twice");
    }
    if (auto found = target(written)) to.targets.push_back(std::move(*found));
  }
  const bool complete = !to.targets.empty() && to.targets.size() == node_.find("to")->items().size();
  if (complete && std::ranges::all_of(to.targets, [](const TargetModel& t) { return t.weight == 0; })) {
    report(Code::NoWeight, node_.find("to")->place(), "all targets of this route have the weight 0");
  }
  to.mirror = mirror();
  return to;
}

std::optional<MirrorModel> RouteReader::mirror() {
  if (!route_.mirror || route_.mirror->to.empty()) return std::nullopt;
  const WrittenMirror& written = *route_.mirror;
  const Node& node = *node_.find("mirror")->find("to");
  const auto found = draft_.upstreamIndex.find(written.to);
  if (found != draft_.upstreamIndex.end()) {
    if (draft_.model.upstreams[found->second].protocol == Protocol::Tcp) {
      report(Code::NotHttp, node.place(),
             "copies are HTTP requests, and " + inQuotes(written.to) + " has `protocol: tcp`");
    }
    return written.percent > 0 ? std::optional(MirrorModel{found->second, written.percent}) : std::nullopt;
  }
  if (written.to == "app" && draft_.written.find("app") != nullptr) {
    report(Code::ReservedName, node.place(), "`app` is the app beside us: copies go to an upstream alone");
  } else {
    unknownUpstream(written.to, node.place(), false);
  }
  return std::nullopt;
}

std::optional<TargetModel> RouteReader::target(const WrittenTarget& written) {
  TargetModel target;
  target.weight = written.weight;
  const auto found = draft_.upstreamIndex.find(written.upstream);
  if (found != draft_.upstreamIndex.end()) {
    target.upstream = found->second;
  } else if (written.upstream != "app") {
    unknownUpstream(written.upstream, written.place, true);
    return std::nullopt;
  } else if (!draft_.model.app) {
    if (draft_.written.find("app") == nullptr) {
      report(Code::NoApp, written.place, "the file has no `app`", "app: {port: 8080}, at the top");
    }
    return std::nullopt;
  }
  checkHttp(target, written);
  policy::PolicySettings settings =
      target.upstream ? draft_.model.upstreams[*target.upstream].settings : draft_.model.app->settings;
  if (route_.override.isMap()) {
    const Node& policy = target.upstream ? draft_.upstreamPolicies[*target.upstream] : draft_.appPolicy;
    fill(settings, draft_.policies.overridden(policy, route_.override), kPolicyShape);
    const Node* timeout = route_.override.find("timeout");
    target.ownRequestTimeout = timeout != nullptr && timeout->find("request") != nullptr;
  }
  target.timeout = settings.timeout;
  target.retry = settings.retry;
  target.hedge = settings.hedge;
  return target;
}

void RouteReader::checkHttp(const TargetModel& target, const WrittenTarget& written) {
  const Protocol protocol =
      target.upstream ? draft_.model.upstreams[*target.upstream].protocol : draft_.model.app->protocol;
  if (protocol != Protocol::Tcp) return;
  report(Code::NotHttp, written.place,
         "a route takes HTTP requests, and " + inQuotes(written.upstream) + " has `protocol: tcp`",
         target.upstream ? "listen: \"127.0.0.1:15432\", at that upstream, and no route" : "");
}

void RouteReader::unknownUpstream(const std::string& name, Place place, bool orApp) {
  std::vector<Bytes> known;
  if (orApp && draft_.model.app) known.push_back("app");
  for (const auto& [other, index] : draft_.upstreamIndex) known.push_back(other);
  const auto near = draft_.diagnostics.full() ? std::nullopt : nearest(name, known);
  report(Code::UnknownUpstream, place, "there is no upstream " + inQuotes(name),
         near ? std::string(*near) : std::string());
}

void RouteReader::redirect() {
  const Node& node = *node_.find("redirect");
  checkPrefix("redirect");
  if (node.find("path") != nullptr && node.find("prefix") != nullptr) {
    report(Code::KeysExclude, placeAt(node, "prefix"), "`path` and `prefix` of a redirect exclude each other");
  }
  const bool named = std::ranges::any_of(node.entries(), [](const Node::Entry& e) { return e.key != "status"; });
  if (!named) {
    report(Code::MissingKey, node.place(),
           "a redirect needs one of `scheme`, `host`, `path`, `prefix`: else it leads "
           "back to itself");
  }
}

void RouteReader::respond() {
  const bool bodiless = route_.respond->status == 204 || route_.respond->status == 205 || route_.respond->status == 304;
  if (!bodiless || route_.respond->body.empty()) return;
  report(Code::KeysExclude, placeAt(*node_.find("respond"), "body"),
         "an answer with the status " + std::to_string(route_.respond->status) + " has no body");
}

// The route by which an upstream, or the app, is reached without a route of its own.
RouteModel implicitRoute(std::string name, std::optional<size_t> upstream, const policy::PolicySettings& settings,
                         Place place) {
  RouteModel route;
  route.name = std::move(name);
  ToModel to;
  to.targets = {
      TargetModel{.upstream = upstream, .timeout = settings.timeout, .retry = settings.retry, .hedge = settings.hedge}};
  route.action = std::move(to);
  route.place = place;
  route.implicit = true;
  return route;
}

// Behind the host in a request: none, or one that the upstream has. Empty: any, where the endpoints' are not known yet.
std::vector<uint16_t> portsOf(const UpstreamModel& upstream) {
  std::set<uint16_t> ports{0};
  for (const EndpointModel& endpoint : upstream.endpoints) ports.insert(endpoint.address.port());
  if (upstream.dns) ports.insert(upstream.dns->port);
  if (upstream.kubernetes) ports.insert(upstream.kubernetes->port);
  const bool known = !upstream.endpoints.empty() || ports.size() > 1;
  return known ? std::vector<uint16_t>(ports.begin(), ports.end()) : std::vector<uint16_t>();
}

}  // namespace

void readRoutes(Draft& draft) {
  const Node* routes = draft.written.find("routes");
  if (routes == nullptr) return;
  std::map<std::string, Place> names;
  size_t number = 0;
  for (const Node& node : routes->items()) {
    ++number;
    if (!node.isMap()) continue;
    RouteReader reader(node, number, draft);
    RouteModel route = reader.read();
    const auto [other, isNew] = names.emplace(route.name, node.place());
    if (!isNew) {
      draft.diagnostics.report(Code::SameRouteName, reader.namePlace(),
                               "the route in line " + std::to_string(other->second.line) + " is called " +
                                   inQuotes(route.name) + " as well");
    }
    draft.model.routes.push_back(std::move(route));
  }
}

void addImplicitRoutes(Draft& draft) {
  Model& model = draft.model;
  const ImplicitHosts hosts(model.upstreams);
  for (size_t i = 0; i < model.upstreams.size(); ++i) {
    const UpstreamModel& upstream = model.upstreams[i];
    RouteModel route = implicitRoute(upstream.name, i, upstream.settings, upstream.place);
    if (upstream.protocol == Protocol::Tcp) route.match.methods = {"CONNECT"};  // all others need HTTP there
    route.match.ports = portsOf(upstream);
    for (const std::string& host : hosts.of(i)) {
      route.match.host = host;
      model.routes.push_back(route);
    }
  }
  if (!model.app) return;
  RouteModel route = implicitRoute("app", std::nullopt, model.app->settings, model.app->place);
  route.match.direction = Direction::Inbound;
  model.routes.push_back(std::move(route));
}

}  // namespace outrigger::config
