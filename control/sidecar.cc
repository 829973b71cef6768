#include "control/sidecar.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "control/cpu_quota.h"
#include "control/discovery/make_source.h"
#include "control/environment.h"
#include "control/own_addresses.h"
#include "proxy/net/machine_addresses.h"

namespace outrigger::control {
namespace {

metrics::Bounds durationBounds(const config::MetricsModel& metrics) {
  return metrics.buckets ? metrics::Bounds(*metrics.buckets) : metrics::Bounds::standard();
}

// Admin pages and telemetry are for people and scrapers, not for load: the limits are the built-in ones.
constexpr const char* kAdmin = "admin";
constexpr const char* kTelemetry = "telemetry";

// The app sees these connections come and go: few enough that it does not mind.
constexpr Duration kProbeAppEvery = 1s;

// How long the end may wait for a collector of spans.
constexpr Duration kLastSpans = 1s;

}  // namespace

Sidecar::Sidecar(net::EventLoop& loop, Log& log, LogWriter& writer, Options options)
    : loop_(loop),
      log_(log),
      writer_(writer),
      options_(std::move(options)),
      reloader_(loop, log, {options_.configFile, options_.defaultsFile}, options_.stateFolder,
                [this](const config::LoadResult& loaded) { return apply(loaded); }),
      drain_(loop.turn(), *this),
      kubernetes_(loop.turn(), loop, fromEnvironment, options_.serviceAccount),
      discovery_(
          loop.turn(), log,
          [this](const config::UpstreamModel& upstream, discovery::SourceEvents& events) {
            return discovery::makeSource(loop_, kubernetes_, upstream, events);
          },
          [this] { installFound(); }),
      exporter_(loop.turn(), loop, log) {
  if (options_.nameServer) loop.askNamesOf(*options_.nameServer);
}

Sidecar::~Sidecar() {
  // Pages refer to the workers, the workers' reports to us: they end in this order.
  admin_.reset();
  telemetry_.reset();
  hosts_.clear();
}

bool Sidecar::start() {
  return reloader_.loadFirst();
}

void Sidecar::onSignal(int number) {
  switch (number) {
    case SIGHUP: reloader_.reload(); return;
    case SIGUSR1: drain_.begin(); return;
    default: hurried_ = std::exchange(ending_, true); break;
  }
  drain_.end();
  if (hurried_) loop_.stop();  // it may be waiting for the collector
}

// ---- Bringing a config into effect: first what can fail, then what cannot

std::expected<void, std::string> Sidecar::apply(const config::LoadResult& loaded) {
  const config::Model& model = *loaded.model;
  if (hosts_.empty()) makeWorkers(model);
  auto change = listeners_.prepare(model);
  if (!change) return std::unexpected(change.error());
  auto snapshot = builder_->build(model, discovery_.foundFor(model));
  if (!snapshot) {
    const auto& [place, why] = snapshot.error();
    return std::unexpected(config::placeText(loaded, place) + " " + why + "\n");
  }
  install(*snapshot, model);
  model_ = loaded.model;
  discovery_.follow(model);
  certificates_ = builder_->tlsFiles().expiries();
  log_.setLevel(model.log.level);
  exporter_.configure(model.tracing,
                      model.tracing ? tracing::resourceOf(*model.tracing, fromEnvironment) : tracing::Resource());
  drain_.configure(model.shutdown);
  carryOut(std::move(*change));
  return {};
}

void Sidecar::install(const std::shared_ptr<const exchange::Snapshot>& snapshot, const config::Model& model) {
  for (const auto& host : hosts_) {
    host->post(
        [snapshot, rules = servingRules(model.http)](server::Worker& worker) { worker.install(snapshot, rules); });
  }
}

void Sidecar::installFound() {
  if (model_ == nullptr) return;
  auto snapshot = builder_->rebuild(*model_, discovery_.foundFor(*model_));
  if (snapshot) return install(*snapshot, *model_);
  log_.error("endpoints-not-applied", {{"text", snapshot.error().why}});  // of what was built before: cannot be
}

void Sidecar::makeWorkers(const config::Model& model) {
  const uint32_t count = options_.workers.value_or(model.workers.value_or(automaticWorkers()));
  const metrics::Bounds bounds = durationBounds(model.metrics);
  std::vector<metrics::Shard*> shards;
  for (uint32_t i = 0; i < count; ++i) {
    shards_.push_back(std::make_unique<metrics::Shard>(bounds));
    shards.push_back(shards_.back().get());
  }
  registry_.emplace(shards, model.metrics.maxSeries);
  builder_.emplace(*registry_, count);
  HostEvents& events = *this;
  for (uint32_t i = 0; i < count; ++i) {
    hosts_.push_back(std::make_unique<WorkerHost>(i, *shards_[i], writer_, loop_.mailbox(), events));
    if (options_.nameServer) hosts_.back()->askNamesOf(*options_.nameServer);
    hosts_.back()->start();
  }
  const ProcessView view = makeView();
  adminPages_.emplace(view);
  telemetryPages_.emplace(view);
  admin_.emplace(loop_, adminPages_->handler());
  telemetry_.emplace(loop_, telemetryPages_->handler());
}

ProcessView Sidecar::makeView() {
  return {.turn = loop_.turn(),
          .writer = writer_,
          .reloader = reloader_,
          .drain = drain_,
          .listeners = listeners_,
          .registry = *registry_,
          .hosts = hosts_,
          .model = model_,
          .certificates = certificates_,
          .startedAt = loop_.turn().wall,
          .reload = [this] { return reloader_.reload(); },
          .beginDrain = [this] { drain_.begin(); },
          .setLogLevel = [this](Log::Level level) { log_.setLevel(level); },
          .discovery = &discovery_,
          .spans = &exporter_.counts()};
}

void Sidecar::carryOut(ListenerTable::Change change) {
  listeners_.commit(change);
  std::vector<WorkerHost*> hosts;
  for (const auto& host : hosts_) hosts.push_back(host.get());
  for (const std::string& name : change.closed) {
    if (name == kAdmin) admin_->listen(std::nullopt);
    if (name == kTelemetry) telemetry_->listen(std::nullopt);
    hosts_.front()->closeListener(name);
  }
  for (auto& [name, socket] : change.opened) {
    log_.info("listening", {{"listener", name}, {"address", socket->address().text()}});
    const auto& role = change.wanted.at(name).role;
    if (role) {
      hosts_.front()->listen(name, std::move(socket), *role, hosts);
    } else {
      (name == kAdmin ? *admin_ : *telemetry_).listen(std::move(socket));
    }
  }
  const std::vector<Address> own = ownAddresses(listeners_.addresses(), net::machineAddresses());
  for (const auto& host : hosts_) {
    host->post([own](server::Worker& worker) { worker.avoid(own); });
  }
}

// ---- What workers tell

void Sidecar::onDecision(const server::Decision& decision) {
  if (listener_) listener_(decision);
  log_.warn("decision", {{"kind", decision.kind},
                         {"upstream", decision.upstream},
                         {"endpoint", decision.endpoint},
                         {"text", decision.text}});
}

void Sidecar::onBreakerChanged(uint32_t from, const server::BreakerNews& news) {
  for (const auto& host : hosts_) {
    if (host->number() == from) continue;
    host->post([news](server::Worker& worker) { worker.adoptBreaker(news); });
  }
}

void Sidecar::onHealthChanged(uint32_t from, const server::HealthNews& news) {
  for (const auto& host : hosts_) {
    if (host->number() == from) continue;
    host->post([news](server::Worker& worker) { worker.adoptHealth(news); });
  }
}

// ---- Leaving

void Sidecar::makeInboundAnswersLast() {
  const config::ShutdownModel& times = model_->shutdown;
  log_.info("draining",
            {{"text", "not ready any more; both sides go on serving, inbound answers are their connections' last"},
             {"lame_duck_ms", std::to_string(wholeMilliseconds(times.lameDuck))},
             {"grace_ms", std::to_string(wholeMilliseconds(times.grace))}});
  for (const auto& host : hosts_) {
    host->post([](server::Worker& worker) { worker.makeAnswersLast(Direction::Inbound); });
  }
}

void Sidecar::closeInboundListeners() {
  log_.info("inbound-closing", {{"after_ms", std::to_string(wholeMilliseconds(drain_.sinceEnd()))},
                                {"requests", std::to_string(requestsInFlight())}});
  for (const auto& [name, address] : listeners_.addresses()) {
    if (name.starts_with("inbound")) hosts_.front()->closeListener(name);
  }
}

void Sidecar::closeIdleInbound() {
  for (const auto& host : hosts_) {
    host->post([](server::Worker& worker) { worker.closeIdle(Direction::Inbound); });
  }
}

int64_t Sidecar::requestsInFlight() const {
  int64_t total = 0;
  for (const auto& shard : shards_) total += shard->worker.activeRequests.value();
  return total;
}

int64_t Sidecar::connections(Direction direction) const {
  int64_t total = 0;
  for (const auto& shard : shards_) {
    total += shard->worker.downstreamConnections[static_cast<size_t>(direction)].value();
  }
  return total;
}

// Asked again and again while we leave: each call looks at the outcome of the connection attempt before it.
bool Sidecar::appIsThere() {
  if (model_ == nullptr || !model_->app) return false;
  const Instant now = loop_.turn().now;
  if (appIsThere_ && appProbe_ == nullptr && now >= nextProbeAt_) {
    nextProbeAt_ = now + kProbeAppEvery;
    appProbe_ = loop_.dial(model_->app->address, {}, *this);
  }
  return appIsThere_;
}

void Sidecar::onConnected(std::unique_ptr<Transport>) {
  loop_.turn().graveyard.bury(std::move(appProbe_));
}

void Sidecar::onDialFailed(const Error&) {
  appIsThere_ = false;
  loop_.turn().graveyard.bury(std::move(appProbe_));
}

void Sidecar::finish() {
  const int64_t left = requestsInFlight();
  log_.info("ended",
            {{"cut", std::to_string(left)}, {"after_ms", std::to_string(wholeMilliseconds(drain_.sinceEnd()))}});
  if (hurried_ || model_ == nullptr || !model_->tracing) return loop_.stop();
  sendLastSpans();
}

// What the workers have gathered, and what is queued here; a collector that is away, or a worker that hangs, delays the
// end by a second at most.
void Sidecar::sendLastSpans() {
  loop_.turn().timers.arm(lastSpans_, loop_.turn().now + kLastSpans);
  const auto missing = std::make_shared<size_t>(hosts_.size());
  for (const auto& host : hosts_) {
    const auto flush = [](server::Worker& worker) {
      worker.flushTraced();
      return true;
    };
    host->ask(flush, [this, missing](bool) {
      if (--*missing == 0) exporter_.flush([this] { loop_.stop(); });
    });
  }
}

uint32_t automaticWorkers() {
  constexpr double kMost = 4;
  double cpus = std::max(1U, std::thread::hardware_concurrency());
  const auto read = [](const std::string& path) {
    std::ifstream file(path);
    return file ? std::optional(std::string(std::istreambuf_iterator<char>(file), {})) : std::nullopt;
  };
  cpus = std::min(cpus, cpuQuota(read).value_or(cpus));
  return static_cast<uint32_t>(std::clamp(std::ceil(cpus), 1.0, kMost));
}

}  // namespace outrigger::control
