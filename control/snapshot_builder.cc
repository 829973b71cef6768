#include "control/snapshot_builder.h"

#include <algorithm>

#include "config/same_content.h"
#include "control/listener_table.h"
#include "control/pass_clusters.h"
#include "filters/registry.h"
#include "proxy/net/event_loop.h"
#include "proxy/policy/hash.h"
#include "proxy/wire/proxy_protocol.h"

namespace outrigger::control {

using discovery::FoundEndpoints;

namespace {

constexpr const char* kApp = "app";

exchange::AccessLog accessLogOf(config::LogModel::Access access) {
  switch (access) {
    case config::LogModel::Access::All: return exchange::AccessLog::All;
    case config::LogModel::Access::Errors: return exchange::AccessLog::Errors;
    case config::LogModel::Access::None: break;
  }
  return exchange::AccessLog::None;
}

// Octets of the path that a rewrite replaces: what the route matched literally.
size_t matchedPrefix(const policy::RouteMatch& match) {
  using Kind = policy::RouteMatch::PathKind;
  if (match.pathKind != Kind::Prefix && match.pathKind != Kind::Exact) return 0;
  // "/v1/" and "/v1" name the same segments; "/" replaces nothing but the slash that the new prefix brings.
  const Bytes path = match.path;
  return path.ends_with('/') ? path.size() - 1 : path.size();
}

// What records show of a request's path.
std::string pathShape(const policy::RouteMatch& match) {
  using Kind = policy::RouteMatch::PathKind;
  switch (match.pathKind) {
    case Kind::Exact:
    case Kind::Regex: return match.path;
    case Kind::Prefix: return match.path.ends_with('/') ? match.path + "*" : match.path + "/*";
    case Kind::Any: break;
  }
  return "/*";
}

bool mayBeTcp(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Auto;
}

uint32_t addRouteState(exchange::Snapshot& snapshot, const std::string& route, uint32_t cluster) {
  snapshot.routeStates.push_back({route, cluster});
  return static_cast<uint32_t>(snapshot.routeStates.size() - 1);
}

// The endpoints that the file names, or those that were found.
void addEndpoints(upstream::ClusterSettings& cluster, const config::UpstreamModel& model, const FoundEndpoints& all) {
  for (const config::EndpointModel& endpoint : model.endpoints) {
    cluster.endpoints.push_back({endpoint.address, endpoint.dial, endpoint.weight});
  }
  if (!model.dns && !model.kubernetes) return;
  const auto found = all.find(model.name);
  cluster.awaited = found == all.end();
  if (cluster.awaited) return;
  for (const auto& [address, weight] : found->second) {
    const Address dial = model.sidecarPort ? address.withPort(*model.sidecarPort) : address;
    cluster.endpoints.push_back({address, dial, weight});
  }
}

upstream::ClusterSettings clusterOf(const config::UpstreamModel& model, const FoundEndpoints& found) {
  upstream::ClusterSettings cluster;
  cluster.name = model.name;
  addEndpoints(cluster, model, found);
  cluster.policy = model.settings;
  cluster.balance = model.balance;
  cluster.health = model.health;
  cluster.slowStart = model.slowStart;
  cluster.sidecar = model.sidecar;
  cluster.protocol = model.protocol;
  cluster.proxyProtocol = model.proxyProtocol;
  if (model.proxyProtocol == policy::ProxyProtocol::V1) cluster.sharedIntroduction = wire::proxyHeaderV1({}, {});
  if (model.proxyProtocol == policy::ProxyProtocol::V2) cluster.sharedIntroduction = wire::proxyHeaderV2({}, {});
  return cluster;
}

upstream::ClusterSettings clusterOf(const config::AppModel& model, const Address& address, std::string name) {
  upstream::ClusterSettings cluster;
  cluster.name = std::move(name);
  cluster.endpoints = {{address, address}};
  cluster.policy = model.settings;
  cluster.holdsPlaces = true;
  cluster.protocol = model.protocol;
  return cluster;
}

// What gets copies of requests for an upstream: its endpoints, and nothing else that the upstream shares or learns
// from. What it may hold is little, for nobody waits for it.
upstream::ClusterSettings mirrorOf(const config::UpstreamModel& model, const FoundEndpoints& found) {
  upstream::ClusterSettings cluster = clusterOf(model, found);
  cluster.name = "mirror:" + model.name;
  cluster.policy.retry.limit = 0;
  cluster.policy.hedge.percent = 0;
  cluster.policy.breaker.reset();
  cluster.policy.eject.reset();
  cluster.policy.limits.requests = 100;
  cluster.policy.limits.connections = 100;
  cluster.policy.limits.pending = 0;
  cluster.balance = {};
  cluster.health.reset();
  cluster.slowStart.reset();
  return cluster;
}

exchange::Forward forwardTo(const exchange::RouteTarget& target) {
  exchange::Forward forward;
  forward.targets = {target};
  return forward;
}

exchange::Redirect buildRedirect(const config::RedirectModel& model, size_t prefix) {
  exchange::Redirect redirect;
  redirect.status = model.status;
  if (model.scheme) redirect.scheme = *model.scheme;
  redirect.host = model.host;
  redirect.path = model.path;
  redirect.prefix = model.prefix;
  redirect.matchedPrefix = prefix;
  return redirect;
}

}  // namespace

server::ServingRules servingRules(const config::HttpModel& http) {
  server::ServingRules rules;
  rules.limits = {.headBytes = http.headBytes,
                  .headFields = http.headFields,
                  .targetBytes = http.targetBytes,
                  .connect = http.connect};
  rules.headTimeout = http.headTimeout;
  rules.keepAlive = http.keepAlive;
  rules.maxAge = http.maxAge;
  rules.streams = http.streams;
  return rules;
}

SnapshotBuilder::Built SnapshotBuilder::build(const config::Model& model, const FoundEndpoints& found) {
  tlsFiles_.begin(net::wallNow());
  return assemble(model, found);
}

SnapshotBuilder::Built SnapshotBuilder::rebuild(const config::Model& model, const FoundEndpoints& found) {
  tlsFiles_.beginAgain();
  return assemble(model, found);
}

SnapshotBuilder::Built SnapshotBuilder::assemble(const config::Model& model, const FoundEndpoints& found) {
  auto snapshot = std::make_shared<exchange::Snapshot>();
  std::vector<policy::RouteMatch> matches;
  for (const config::RouteModel& route : model.routes) matches.push_back(route.match);
  auto router = policy::Router::build(matches);
  if (!router) return std::unexpected(Failure{model.routes[router.error().route].place, router.error().why});
  snapshot->router = std::move(*router);

  if (auto ok = addUpstreams(*snapshot, model, found); !ok) return std::unexpected(ok.error());
  if (auto ok = addReception(*snapshot, model); !ok) return std::unexpected(ok.error());
  tlsFiles_.keepTexts();

  fresh_.clear();
  for (const config::RouteModel& route : model.routes) {
    if (route.implicit && route.match.direction == Direction::Outbound) {
      snapshot->upstreamRoutes.emplace_back(route.name, static_cast<uint32_t>(snapshot->routes.size()));
    }
    if (route.implicit) addTunnel(model, route, *snapshot);
    snapshot->routes.push_back(buildRoute(model, route, *snapshot));
  }
  filters_.swap(fresh_);
  std::erase_if(limits_, [](const auto& limit) { return limit.second.use_count() == 1; });
  std::erase_if(hashTables_, [](const auto& table) { return table.second.use_count() == 1; });
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    snapshot->unroutedSeries[static_cast<size_t>(direction)] = registry_.request({direction, "", ""});
  }
  snapshot->accessLog = accessLogOf(model.log.access);
  snapshot->loggedHeaders = model.log.headers;
  snapshot->loggedShare = exchange::traceShare(model.log.sample);
  if (model.tracing) snapshot->traces = exchange::TraceRule{exchange::traceShare(model.tracing->percent)};
  snapshot->logsTargets = model.log.path == config::LogModel::Path::Full;
  return snapshot;
}

std::expected<void, SnapshotBuilder::Failure> SnapshotBuilder::addUpstreams(exchange::Snapshot& snapshot,
                                                                            const config::Model& model,
                                                                            const FoundEndpoints& found) {
  for (const config::UpstreamModel& upstream : model.upstreams) {
    auto tls = tlsFiles_.forUpstream(model, upstream);
    if (!tls) return std::unexpected(tls.error());
    upstream::ClusterSettings settings = clusterOf(upstream, found);
    settings.tls = std::move(*tls);
    addCluster(snapshot, std::move(settings));
  }
  if (model.app) addApp(snapshot, model);
  addMirrors(snapshot, model, found);
  addPassages(snapshot, model);
  return {};
}

// The app's ports, the first one's cluster in front, and behind them the same for its probes.
void SnapshotBuilder::addApp(exchange::Snapshot& snapshot, const config::Model& model) {
  const config::AppModel& app = *model.app;
  const uint32_t first = addCluster(snapshot, clusterOf(app, app.address, kApp));
  snapshot.appPorts.push_back({.role = "", .port = app.address.port(), .tunnel = {}});
  for (const config::AppPortModel& port : app.morePorts) {
    const std::string name = appPortName(port.address);
    addCluster(snapshot, clusterOf(app, port.address, name));
    snapshot.appPorts.push_back({.role = name, .port = port.address.port(), .tunnel = {}});
  }
  snapshot.appSeries = snapshot.clusters[first]->series;
  if (model.access) snapshot.access = std::make_unique<const policy::AccessTable>(*model.access);
  if (!app.probes.empty()) addProbes(snapshot, app);
}

void SnapshotBuilder::addProbes(exchange::Snapshot& snapshot, const config::AppModel& app) {
  snapshot.probes = app.probes;
  exchange::RouteTarget target;
  target.cluster = addCluster(snapshot, probeCluster("app:probes", app.address, app.settings));
  for (const config::AppPortModel& port : app.morePorts) {
    addCluster(snapshot, probeCluster("app:probes:" + std::to_string(port.address.port()), port.address, app.settings));
  }
  target.perAppPort = true;
  target.state = static_cast<uint32_t>(snapshot.routeStates.size());
  for (uint32_t i = 0; i <= app.morePorts.size(); ++i) addRouteState(snapshot, "probes", target.cluster + i);
  const policy::PolicySettings& policy = snapshot.clusters[target.cluster]->policy;
  target.timeout = policy.timeout;
  target.retry = policy.retry;
  exchange::Route& route = snapshot.probeRoute.emplace();
  route.name = "probes";
  route.action = forwardTo(target);
}

void SnapshotBuilder::addPassages(exchange::Snapshot& snapshot, const config::Model& model) {
  snapshot.opaquePorts = model.opaquePorts;
  std::ranges::sort(snapshot.opaquePorts);
  for (const Direction direction : {Direction::Inbound, Direction::Outbound}) {
    if (!passesUnknown(model, direction)) continue;
    auto passage = std::make_unique<exchange::Passage>();
    upstream::ClusterSettings settings = passageCluster(direction, model.defaultPolicy);
    const std::string name = settings.name;
    exchange::RouteTarget target;
    target.timeout = settings.policy.timeout;
    target.retry = settings.policy.retry;
    target.series = registry_.request({direction, name, name});
    passage->cluster = complete(std::move(settings));
    passage->route.name = name;
    passage->route.series = registry_.request({direction, name, ""});
    passage->route.action = forwardTo(target);
    passage->tunnelSeries = registry_.tunnel({direction, name});
    snapshot.passages[static_cast<size_t>(direction)] = std::move(passage);
  }
}

std::expected<void, SnapshotBuilder::Failure> SnapshotBuilder::addReception(exchange::Snapshot& snapshot,
                                                                            const config::Model& model) {
  if (!model.app) return {};
  auto tls = tlsFiles_.forApp(model);
  if (!tls) return std::unexpected(tls.error());
  snapshot.inbound.tls = std::move(*tls);
  snapshot.identity = tlsFiles_.ownIdentity();
  snapshot.inbound.tlsOnly = model.app->tls.mode == config::AppTlsModel::Mode::Strict;
  snapshot.inbound.plainProbes = !model.app->probes.empty();
  snapshot.inbound.protocol = model.app->protocol;
  snapshot.inbound.proxyHeader = model.app->proxyProtocol;
  return {};
}

// What is not HTTP and comes where all belongs to one upstream, or was going to an endpoint of it, goes there if that
// may speak TCP.
void SnapshotBuilder::addTunnel(const config::Model& model, const config::RouteModel& route,
                                exchange::Snapshot& snapshot) {
  const auto& target = std::get<config::ToModel>(route.action).targets.front();
  if (!target.upstream) return addAppTunnels(route, snapshot, static_cast<uint32_t>(model.upstreams.size()));
  const auto number = static_cast<uint32_t>(*target.upstream);
  const upstream::ClusterSettings& cluster = *snapshot.clusters[number];
  const bool known = !snapshot.upstreamTunnels.empty() && snapshot.upstreamTunnels.back().first == cluster.name;
  const bool reached = model.upstreams[number].listen || model.redirect.enabled;
  if (known || !reached || !mayBeTcp(cluster.protocol)) return;
  const exchange::TunnelTarget tunnel{.cluster = number,
                                      .state = addRouteState(snapshot, route.name, number),
                                      .series = registry_.tunnel({Direction::Outbound, cluster.name})};
  snapshot.upstreamTunnels.emplace_back(cluster.name, tunnel);
  // Who speaks TLS by itself would be encrypted twice.
  if (!model.redirect.enabled || (cluster.tls != nullptr && cluster.protocol != Protocol::Tcp)) return;
  for (const upstream::EndpointSettings& endpoint : cluster.endpoints) {
    snapshot.tunnelsByAddress.emplace(endpoint.address.text(), tunnel);
  }
}

void SnapshotBuilder::addAppTunnels(const config::RouteModel& route, exchange::Snapshot& snapshot, uint32_t app) {
  if (!mayBeTcp(snapshot.clusters[app]->protocol)) return;
  for (uint32_t i = 0; i < snapshot.appPorts.size(); ++i) {
    const std::string& name = snapshot.clusters[app + i]->name;
    snapshot.appPorts[i].tunnel = exchange::TunnelTarget{.cluster = app + i,
                                                         .state = addRouteState(snapshot, route.name, app + i),
                                                         .series = registry_.tunnel({Direction::Inbound, name})};
  }
}

uint32_t SnapshotBuilder::addCluster(exchange::Snapshot& snapshot, upstream::ClusterSettings settings) {
  snapshot.clusters.push_back(complete(std::move(settings)));
  return static_cast<uint32_t>(snapshot.clusters.size() - 1);
}

std::shared_ptr<const upstream::ClusterSettings> SnapshotBuilder::complete(upstream::ClusterSettings settings) {
  settings.series = registry_.upstream(settings.name);
  settings.workers = workers_;
  auto& limit = limits_[settings.name];
  if (limit == nullptr) limit = std::make_shared<policy::SharedLimit>();
  settings.requests = limit;
  settings.hashTable = hashTable(settings);
  return std::make_shared<const upstream::ClusterSettings>(std::move(settings));
}

void SnapshotBuilder::addMirrors(exchange::Snapshot& snapshot, const config::Model& model,
                                 const FoundEndpoints& found) {
  mirrors_.clear();
  for (const config::RouteModel& route : model.routes) {
    const auto* to = std::get_if<config::ToModel>(&route.action);
    if (to == nullptr || !to->mirror) continue;
    const size_t upstream = to->mirror->upstream;
    if (mirrors_.contains(upstream)) continue;
    upstream::ClusterSettings settings = mirrorOf(model.upstreams[upstream], found);
    settings.tls = snapshot.clusters[upstream]->tls;  // copies are no less secret
    mirrors_.emplace(upstream, addCluster(snapshot, std::move(settings)));
  }
}

// A large one takes milliseconds to build, so it is kept as long as its members stay what they are.
std::shared_ptr<const policy::Maglev> SnapshotBuilder::hashTable(const upstream::ClusterSettings& settings) {
  if (settings.balance.kind != policy::Balance::Hash) return nullptr;
  std::vector<policy::Maglev::Member> members;
  for (const upstream::EndpointSettings& endpoint : settings.endpoints) {
    members.push_back({policy::hashOf(endpoint.address.text()), endpoint.weight});
  }
  auto& table = hashTables_[settings.name];
  if (table == nullptr || table->members() != members) table = std::make_shared<policy::Maglev>(std::move(members));
  return table;
}

exchange::Route SnapshotBuilder::buildRoute(const config::Model& model, const config::RouteModel& route,
                                            exchange::Snapshot& snapshot) {
  exchange::Route built;
  built.name = route.name;
  built.host = route.match.host;
  built.path = pathShape(route.match);
  built.series = registry_.request({route.match.direction, route.name, ""});
  if (const auto* to = std::get_if<config::ToModel>(&route.action))
    built.action = buildForward(model, route, *to, snapshot);
  if (const auto* redirect = std::get_if<config::RedirectModel>(&route.action)) {
    built.action = buildRedirect(*redirect, matchedPrefix(route.match));
  }
  if (const auto* respond = std::get_if<config::RespondModel>(&route.action)) {
    built.action = exchange::Respond{respond->status, respond->body, respond->headers};
  }
  for (size_t i = 0; i < route.filters.size(); ++i) {
    built.filters.push_back(filterFor({route.name, i}, route.filters[i]));
  }
  return built;
}

exchange::Forward SnapshotBuilder::buildForward(const config::Model& model, const config::RouteModel& route,
                                                const config::ToModel& to, exchange::Snapshot& snapshot) {
  exchange::Forward forward;
  forward.totalWeight = 0;
  for (const config::TargetModel& target : to.targets) {
    const std::string& name = target.upstream ? model.upstreams[*target.upstream].name : kApp;
    exchange::RouteTarget built;
    built.cluster = static_cast<uint32_t>(target.upstream.value_or(model.upstreams.size()));  // the app stands last
    built.weight = target.weight;
    built.timeout = target.timeout;
    built.timeoutForGrpc = target.ownRequestTimeout;
    built.retry = target.retry;
    built.hedge = target.hedge;
    built.perAppPort = !target.upstream;
    built.state = addRouteState(snapshot, route.name, built.cluster);
    for (uint32_t i = 1; built.perAppPort && i < snapshot.appPorts.size(); ++i) {
      addRouteState(snapshot, route.name, built.cluster + i);
    }
    built.series = registry_.request({route.match.direction, route.name, name});
    forward.totalWeight += target.weight;
    forward.targets.push_back(std::move(built));
  }
  forward.rewritePrefix = route.rewrite.prefix;
  forward.matchedPrefix = matchedPrefix(route.match);
  forward.rewriteHost = route.rewrite.host;
  if (to.mirror) {
    exchange::Mirror mirror;
    mirror.cluster = mirrors_.at(to.mirror->upstream);
    mirror.state = addRouteState(snapshot, route.name, mirror.cluster);
    mirror.share = to.mirror->percent / 100;
    forward.mirror = mirror;
  }
  return forward;
}

std::shared_ptr<const exchange::Filter> SnapshotBuilder::filterFor(const FilterKey& key,
                                                                   const config::FilterModel& model) {
  KeptFilter& kept = fresh_[key];
  const auto before = filters_.find(key);
  kept.settings = model.settings;
  if (before != filters_.end() && config::sameContent(before->second.settings, model.settings)) {
    kept.filter = before->second.filter;
  } else {
    kept.filter = filters::make(model.name, model.settings);
  }
  return kept.filter;
}

}  // namespace outrigger::control
