#include "proxy/server/worker.h"

#include <algorithm>

#include "proxy/exchange/destination.h"
#include "proxy/exchange/reply_table.h"
#include "proxy/policy/mode.h"
#include "proxy/server/breaker_words.h"
#include "proxy/server/decision_text.h"
#include "proxy/server/readiness_text.h"

namespace outrigger::server {

using policy::Breaker;

namespace {

constexpr Duration kHousekeepingEvery = 1s;
constexpr size_t kExchangesKept = 64;

// A page shows decisions, it does not keep books: a storm of failing requests leaves a sample each second.
constexpr uint32_t kMostRequestDecisions = 20;
// What the control side hears of traces, and how late.
constexpr size_t kTracedAtATime = 64;
constexpr Duration kTracedEvery = 200ms;

// So do the trails: at this rate the ring covers ten seconds of a storm at least.
constexpr uint32_t kMostTrails = 50;

// Whether a caller who was welcome before may be none now.
bool judgesAnew(const exchange::ReceptionSettings& before, const exchange::ReceptionSettings& now) {
  if (now.tls == nullptr) return false;
  if (now.tlsOnly && !before.tlsOnly) return true;
  return before.tls != nullptr &&
         (before.tls->material->trust != now.tls->material->trust || before.tls->clients != now.tls->clients);
}

std::string milliseconds(Duration span) {
  return std::to_string(wholeMilliseconds(span)) + " ms";
}

bool isLogged(const exchange::Ending& ending, bool error) {
  switch (ending.snapshot.accessLog) {
    case exchange::AccessLog::All:
      return error || !ending.ordinary || exchange::isInShare(ending.trace, ending.snapshot.loggedShare);
    case exchange::AccessLog::Errors: return error;
    case exchange::AccessLog::None: break;
  }
  return false;
}

}  // namespace

/// One kind of listener: makes an exchange of each request, and a tunnel of what is none.
class Worker::Handler final : public http::StreamHandler, public Receptionist {
 public:
  Handler(Worker& worker, ListenerRole role) : worker_(worker), role_(std::move(role)) {}

  /// A new snapshot: where the own route of the role's upstream stands now, and what may arrive.
  void resolve(const exchange::Snapshot& snapshot);

  const exchange::ReceptionSettings& reception(const PeerInfo& peer) const override {
    if (!exchange::isRedirected(peer) || !isOpaque(peer)) return reception_;
    return role_.direction == Direction::Inbound && appPortFor(peer) ? opaqueApp_ : opaque_;
  }
  http::StreamHandler& requests() override { return *this; }
  bool takesTcp(const PeerInfo& peer) const override;
  std::unique_ptr<exchange::Tunnel> makeTunnel(const PeerInfo& peer) override;
  SpareSet& spares() override { return spares_; }
  void onDetected(metrics::Detection verdict) override {
    const auto direction = static_cast<size_t>(role_.direction);
    worker_.shard_.worker.detections[direction][static_cast<size_t>(verdict)].add();
  }

  http::RequestSink& onRequest(http::RequestHead& head, http::ResponseStream& stream) override {
    exchange::Exchange& exchange = worker_.takeExchange();
    exchange.begin(exchange::GenerationPin(*worker_.current_), {role_.direction, route_, appPortFor(stream.peer())},
                   head, stream);
    return exchange;
  }

  void onBadRequest(const Error& why, http::ResponseStream& stream) override {
    worker_.takeExchange().refuse(exchange::GenerationPin(*worker_.current_), role_.direction, why, stream);
  }

 private:
  const exchange::Snapshot& snapshot() const { return *worker_.current_->snapshot; }
  bool isOpaque(const PeerInfo& peer) const;
  std::optional<uint32_t> appPortFor(const PeerInfo& peer) const;
  std::optional<exchange::TunnelTarget> targetFor(const PeerInfo& peer) const;

  Worker& worker_;
  ListenerRole role_;
  std::optional<uint32_t> route_;
  std::optional<uint32_t> appPort_ = 0;           // inbound: whose listener this is; nullopt: it is on its way out
  std::optional<exchange::TunnelTarget> tunnel_;  // of connections that were not redirected
  exchange::ReceptionSettings reception_;
  exchange::ReceptionSettings opaqueApp_;  // of a port of the app that is not looked into
  const exchange::ReceptionSettings opaque_{.protocol = Protocol::Tcp};
  SpareSet spares_;
};

void Worker::Handler::resolve(const exchange::Snapshot& snapshot) {
  route_.reset();
  tunnel_.reset();
  if (role_.direction == Direction::Inbound) {
    reception_ = snapshot.inbound;
    opaqueApp_ = snapshot.inbound;
    opaqueApp_.protocol = Protocol::Tcp;
    appPort_.reset();
    const auto port = std::ranges::find(snapshot.appPorts, role_.upstream, &exchange::AppPort::role);
    if (port == snapshot.appPorts.end()) return;
    appPort_ = static_cast<uint32_t>(port - snapshot.appPorts.begin());
    tunnel_ = port->tunnel;
    return;
  }
  appPort_ = 0;
  reception_ = {};
  for (const auto& [upstream, route] : snapshot.upstreamRoutes) {
    if (upstream == role_.upstream) route_ = route;
  }
  for (const auto& [upstream, target] : snapshot.upstreamTunnels) {
    if (upstream != role_.upstream) continue;
    tunnel_ = target;
    reception_.protocol = snapshot.clusters[target.cluster]->protocol;
  }
}

// Of a redirected connection: what was going to a port of the app's that we do not know, or that was said to be opaque.
bool Worker::Handler::isOpaque(const PeerInfo& peer) const {
  return std::ranges::binary_search(snapshot().opaquePorts, peer.destination.port()) || !appPortFor(peer);
}

// nullopt: the connection was going to none of the app's ports that we know.
std::optional<uint32_t> Worker::Handler::appPortFor(const PeerInfo& peer) const {
  if (!exchange::isRedirected(peer) || role_.direction != Direction::Inbound) return appPort_;
  const auto& ports = snapshot().appPorts;
  const auto port = std::ranges::find(ports, peer.destination.port(), &exchange::AppPort::port);
  if (port == ports.end()) return std::nullopt;
  return static_cast<uint32_t>(port - ports.begin());
}

std::optional<exchange::TunnelTarget> Worker::Handler::targetFor(const PeerInfo& peer) const {
  if (!exchange::isRedirected(peer)) return tunnel_;
  if (role_.direction == Direction::Inbound) {
    const auto port = appPortFor(peer);
    return port ? snapshot().appPorts[*port].tunnel : std::nullopt;
  }
  const auto known = snapshot().tunnelsByAddress.find(peer.destination.text());
  return known == snapshot().tunnelsByAddress.end() ? std::nullopt : std::optional(known->second);
}

bool Worker::Handler::takesTcp(const PeerInfo& peer) const {
  const Protocol protocol = reception(peer).protocol;
  if (protocol != Protocol::Auto && protocol != Protocol::Tcp) return false;
  if (targetFor(peer)) return true;
  const bool passes = snapshot().passages[static_cast<size_t>(role_.direction)] != nullptr;
  return exchange::isRedirected(peer) && passes && (role_.direction == Direction::Outbound || !appPortFor(peer));
}

std::unique_ptr<exchange::Tunnel> Worker::Handler::makeTunnel(const PeerInfo& peer) {
  const exchange::Generation& now = *worker_.current_;
  exchange::TunnelErrand errand{role_.direction, nullptr, nullptr, 0};
  if (const auto target = targetFor(peer)) {
    errand.cluster = now.clusters[target->cluster];
    errand.route = now.routes[target->state];
    errand.series = target->series;
  } else {
    const exchange::Passage& passage = *now.snapshot->passages[static_cast<size_t>(role_.direction)];
    errand.cluster = worker_.passages_.to(passage, peer.destination, Protocol::Tcp);
    if (errand.cluster == nullptr) {
      auto& refused = worker_.shard_.worker.redirectsRefused[static_cast<size_t>(role_.direction)];
      refused[static_cast<size_t>(metrics::RedirectRefusal::Loop)].add();
      return nullptr;
    }
    errand.route = errand.cluster->route(passage.route.name);
    errand.series = passage.tunnelSeries;
  }
  exchange::TunnelHome& home = worker_;
  return std::make_unique<exchange::Tunnel>(home, std::move(errand));
}

Worker::Worker(Turn& turn, Dialer& dialer, metrics::Shard& shard, WorkerReports& reports)
    : turn_(turn),
      dialer_(dialer),
      shard_(shard),
      reports_(reports),
      mirrors_(turn),
      passages_(turn, [this](const auto& settings) { return makeCluster(settings); }) {
  for (size_t direction = 0; direction < kDirectionCount; ++direction) {
    connections_[direction] =
        std::make_unique<ConnectionSet>(turn, scratch_, shard.worker.downstreamConnections[direction]);
    connections_[direction]->speakHttp2(workbench_, shard.worker.http2Guards[direction]);
  }
  nextHousekeeping_ = turn_.now + kHousekeepingEvery;
  turn_.timers.arm(housekeeping_, nextHousekeeping_);
}

Worker::~Worker() {
  cutAll();
  mirrors_.cut();
  turn_.endTurn();  // what was buried refers to us
}

void Worker::acceptTlsBy(TlsAcceptor& tls) {
  for (auto& connections : connections_) connections->acceptTlsBy(tls);
}

// ---- Snapshots

void Worker::install(std::shared_ptr<const exchange::Snapshot> snapshot, const ServingRules& rules) {
  auto generation = std::make_unique<exchange::Generation>();
  for (const auto& settings : snapshot->clusters) generation->clusters.push_back(clusterFor(settings));
  for (const auto& key : snapshot->routeStates) {
    generation->routes.push_back(generation->clusters[key.cluster]->route(key.route));
  }
  generation->snapshot = std::move(snapshot);
  if (current_ != nullptr) retireClusters(*generation);
  for (auto& [role, handler] : handlers_) handler->resolve(*generation->snapshot);
  for (auto& connections : connections_) {
    const bool last = connections->rules().lastAnswers;
    connections->rules() = rules;
    connections->rules().lastAnswers = last;
  }
  ConnectionSet& inbound = connections(Direction::Inbound);
  inbound.rules().limits.connect = false;
  inbound.rules().secureOnly = generation->snapshot->inbound.tlsOnly;
  if (current_ != nullptr && judgesAnew(current_->snapshot->inbound, generation->snapshot->inbound)) {
    inbound.judgeAnew(generation->snapshot->inbound.tls);
  }
  passages_.configure(generation->snapshot->passages);
  current_ = generation.get();
  generations_.push_back(std::move(generation));
}

void Worker::retireClusters(const exchange::Generation& next) {
  for (const auto& known : current_->clusters) {
    if (std::ranges::find(next.clusters, known) == next.clusters.end()) known->retire();
  }
}

std::shared_ptr<upstream::Cluster> Worker::clusterFor(
    const std::shared_ptr<const upstream::ClusterSettings>& settings) {
  const auto known = clusterNamed(settings->name);
  if (known == nullptr) return makeCluster(settings);
  known->configure(settings);
  return known;
}

std::shared_ptr<upstream::Cluster> Worker::clusterNamed(Bytes name) const {
  if (current_ == nullptr) return nullptr;
  const auto found =
      std::ranges::find(current_->clusters, name, [](const auto& cluster) { return Bytes(cluster->name()); });
  return found == current_->clusters.end() ? nullptr : *found;
}

std::shared_ptr<upstream::Cluster> Worker::makeCluster(
    const std::shared_ptr<const upstream::ClusterSettings>& settings) {
  const auto side = static_cast<size_t>(settings->holdsPlaces ? Direction::Inbound : Direction::Outbound);
  upstream::EndpointTools tools{turn_,
                                dialer_,
                                scratch_,
                                workbench_,
                                shard_.upstreams[settings->series],
                                checksHealth_,
                                &shard_.worker.http2Guards[side]};
  upstream::ClusterEvents& events = *this;
  return std::make_shared<upstream::Cluster>(tools, settings, events);
}

// ---- Connections and exchanges

void Worker::serve(const ListenerRole& role, std::unique_ptr<Transport> transport) {
  auto& handler = handlers_[role];
  if (handler == nullptr) {
    handler = std::make_unique<Handler>(*this, role);
    handler->resolve(*current_->snapshot);
  }
  connections(role.direction).receive(std::move(transport), *handler);
}

void Worker::makeAnswersLast(Direction direction) {
  connections(direction).makeAnswersLast();
}

size_t Worker::cutAll() {
  const size_t cut = active_ + tunnels_;
  for (auto& connections : connections_) connections->closeAll();
  return cut;
}

exchange::Exchange& Worker::takeExchange() {
  if (freeExchanges_.empty()) {
    exchange::ExchangeHome& home = *this;
    exchanges_.push_back(std::make_unique<exchange::Exchange>(home));
    exchanges_.back()->place = exchanges_.size() - 1;
    freeExchanges_.push_back(exchanges_.back().get());
  }
  exchange::Exchange& exchange = *freeExchanges_.back();
  freeExchanges_.pop_back();
  shard_.worker.activeRequests.set(static_cast<int64_t>(++active_));
  return exchange;
}

void Worker::onRecyclable(exchange::Exchange& exchange) {
  freeExchanges_.push_back(&exchange);
  shard_.worker.activeRequests.set(static_cast<int64_t>(--active_));
}

// Lets go of half of those that are unused, so that a burst's memory comes back by degrees.
void Worker::shrinkExchanges() {
  const size_t unused = freeExchanges_.size();
  if (unused <= kExchangesKept) return;
  const auto coldest = static_cast<std::ptrdiff_t>(std::min((unused + 1) / 2, unused - kExchangesKept));
  for (exchange::Exchange* gone : std::span(freeExchanges_).first(static_cast<size_t>(coldest))) {
    auto& last = exchanges_.back();
    last->place = gone->place;
    std::swap(exchanges_[gone->place], last);
    exchanges_.pop_back();
  }
  freeExchanges_.erase(freeExchanges_.begin(), freeExchanges_.begin() + coldest);
}

std::optional<Reason> Worker::refusesTunnel(Direction direction, const PeerInfo& peer) {
  const exchange::Snapshot& snapshot = *current_->snapshot;
  if (direction != Direction::Inbound) return std::nullopt;
  if (snapshot.inbound.tlsOnly && !peer.secure) return Reason::Unauthenticated;  // whatever the port
  if (snapshot.access == nullptr) return std::nullopt;
  const policy::AccessDecision decision = snapshot.access->decide(peer.identity);
  if (decision.allowed) return std::nullopt;
  if (snapshot.access->mode() == policy::Mode::Observe) {
    onWouldDeny(snapshot, peer, decision.rule);
    return std::nullopt;
  }
  return peer.identity.empty() ? Reason::Unauthenticated : Reason::Denied;
}

Bytes Worker::tunnelRule(const PeerInfo& peer) const {
  const auto& access = current_->snapshot->access;
  return access == nullptr ? Bytes() : access->decide(peer.identity).rule;
}

exchange::RecordUse Worker::useOfRecord(const exchange::Ending& ending) {
  const bool refused = exchange::replyRow(ending.reason).isError;
  const bool error = refused || ending.status >= 500;
  return {.line = isLogged(ending, error),
          .decision = refused && decisionsThisSecond_ < kMostRequestDecisions,
          .trail = (error || !ending.ordinary) && trailsThisSecond_ < kMostTrails,
          .spans = ending.traced,
          .tap = taps_.want(error),
          .error = error};
}

// There is no id that one could ask by.
exchange::RecordUse Worker::useOfTunnelRecord(Reason reason) {
  exchange::RecordUse use = useOfRecord({*current_->snapshot, reason, 0});
  use.trail = false;
  return use;
}

void Worker::onRecord(const exchange::AccessRecord& record, const exchange::RecordUse& use) {
  if (use.line) {
    line_.clear();
    exchange::appendJson(line_, record);
    reports_.onAccessLine(line_);
  }
  if (use.decision) decideOnRequest(record);
  if (use.tap) taps_.take(record, use.error);
  if (use.trail) {
    ++trailsThisSecond_;
    trails_.add(trailOf(record));
  }
  if (use.spans) gather(record);
}

// The other thread is woken for a handful of them, not for each.
void Worker::gather(const exchange::AccessRecord& record) {
  traced_.push_back(tracedRequestOf(record));
  if (traced_.size() >= kTracedAtATime) return flushTraced();
  if (!tracedTimer_.armed()) turn_.timers.arm(tracedTimer_, turn_.now + kTracedEvery);
}

void Worker::flushTraced() {
  tracedTimer_.disarm();
  if (!traced_.empty()) reports_.onTraced(std::exchange(traced_, {}));
}

// ---- Decisions

void Worker::decide(Decision decision) {
  decision.time = turn_.wall;
  reports_.onDecision(decision);
  decisions_.add(std::move(decision));
}

void Worker::decideOnRequest(const exchange::AccessRecord& record) {
  ++decisionsThisSecond_;
  const exchange::ReplyRow& row = exchange::replyRow(record.reason);
  Decision decision{.time = turn_.wall, .kind = "request", .upstream = std::string(record.upstream)};
  if (record.endpoint != nullptr) decision.endpoint = record.endpoint->text();
  decision.route = record.route;
  decision.reason = row.word;
  if (record.status == 0 && record.method.empty()) {
    decision.text = "a TCP connection -> ";
  } else {
    decision.text.append(record.method).append(" ").append(record.shape.host).append(record.shape.path);
    decision.text += " -> " + std::to_string(record.status) + ", ";
  }
  decision.text.append(row.word).append(": ").append(row.sentence);
  if (record.reason == Reason::Denied || record.reason == Reason::Unauthenticated) {
    const bool request = !record.method.empty();
    decision.text +=
        " to " + callerText(*record.peer) + ", " + ruleText(request ? record.accessRule : tunnelRule(*record.peer));
  }
  decision.text += ", after " + milliseconds(record.duration);
  if (record.attempts == 0) {
    decision.text += ", nothing was sent";
  } else {
    decision.text += " and " + std::to_string(record.attempts) + (record.attempts == 1 ? " attempt" : " attempts");
  }
  decisions_.add(std::move(decision));
}

void Worker::onWouldDeny(const exchange::Snapshot& snapshot, const PeerInfo& peer, Bytes rule) {
  shard_.upstreams[snapshot.appSeries].would[static_cast<size_t>(policy::Would::Deny)].add();
  if (decisionsThisSecond_++ >= kMostRequestDecisions) return;
  decide({.kind = "access", .upstream = "app", .text = "would refuse " + callerText(peer) + ", " + ruleText(rule)});
}

void Worker::onBreakerChanged(const upstream::Cluster& cluster, const upstream::BreakerChange& change) {
  decide({.kind = "breaker", .upstream = cluster.name(), .text = inWords(cluster.name(), change, turn_.now)});
  const Breaker& breaker = change.breaker;
  reports_.onBreakerChanged({cluster.name(), std::string(change.route), breaker.state(), breaker.openUntil()});
}

void Worker::adoptBreaker(const BreakerNews& news) {
  if (const auto cluster = clusterNamed(news.upstream)) cluster->adoptBreaker(news.route, news.state, news.openUntil);
}

void Worker::onEjection(const upstream::Cluster& cluster, const upstream::Endpoint& endpoint,
                        const policy::EjectionNews& news) {
  const bool ejected = news.kind == policy::EjectionNews::Kind::Ejected;
  Decision decision{.kind = ejected ? "ejection" : "suspect", .upstream = cluster.name()};
  decision.endpoint = endpoint.address().text();
  decision.text = ejectionText(cluster, endpoint, news, turn_.now);
  decide(std::move(decision));
}

void Worker::onPanic(const upstream::Cluster& cluster, bool panics) {
  Decision decision{.kind = "panic", .upstream = cluster.name()};
  decision.text = panicText(cluster, panics);
  decide(std::move(decision));
}

void Worker::onReturned(const upstream::Cluster& cluster, const upstream::Endpoint& endpoint) {
  const bool full = endpoint.record().state() == policy::EndpointRecord::State::Healthy;
  Decision decision{.kind = "return", .upstream = cluster.name(), .endpoint = endpoint.address().text()};
  decision.text = endpoint.address().text() + " of " + cluster.name() +
                  (full ? " is back at its full share" : " may return: it gets a tenth of its share at first");
  decide(std::move(decision));
}

void Worker::onReadiness(const upstream::Cluster& cluster, const upstream::Endpoint& endpoint,
                         policy::ReadinessNews news) {
  Decision decision{.kind = "health", .upstream = cluster.name(), .endpoint = endpoint.address().text()};
  decision.text = readinessText(cluster.name(), endpoint, news, turn_.now);
  decide(std::move(decision));
  if (news == policy::ReadinessNews::Draining) return;  // each worker hears it itself
  reports_.onHealthChanged({cluster.name(), endpoint.address(), endpoint.readiness().unhealthy()});
}

void Worker::adoptHealth(const HealthNews& news) {
  if (const auto cluster = clusterNamed(news.upstream)) cluster->adoptHealth(news.endpoint, news.unhealthy);
}

using ByHand = upstream::EndpointSet::ByHand;

ByHand Worker::hold(const std::string& name, const Address& endpoint, std::optional<Instant> until) {
  const auto cluster = clusterNamed(name);
  const ByHand done = cluster == nullptr ? ByHand::Unknown : cluster->hold(endpoint, until);
  if (done != ByHand::Done || !checksHealth_) return done;  // one worker tells of it
  const std::string who = endpoint.text() + " of " + name;
  Decision decision{.kind = until ? "ejection" : "return", .upstream = name, .endpoint = endpoint.text()};
  decision.text = until ? who + " ejected by hand for " + spanText(*until - turn_.now) : who + " restored by hand";
  decide(std::move(decision));
  return done;
}

// ---- Now and then

void Worker::onHousekeeping() {
  shard_.worker.eventLoopLag.observe(std::max(Duration::zero(), turn_.now - nextHousekeeping_), shard_.bounds);
  nextHousekeeping_ = turn_.now + kHousekeepingEvery;
  turn_.timers.arm(housekeeping_, nextHousekeeping_);
  shard_.worker.heartbeat.set(turn_.now.time_since_epoch().count());
  decisionsThisSecond_ = 0;
  trailsThisSecond_ = 0;
  taps_.onSecond();
  shrinkExchanges();
  turn_.chunks.shrink();
  passages_.sweep();
  retireGenerations();
}

void Worker::retireGenerations() {
  std::erase_if(generations_, [this](auto& generation) {
    if (generation->pins > 0 || generation.get() == current_) return false;
    reports_.onRetired(std::move(generation->snapshot));
    return true;
  });
}

}  // namespace outrigger::server
