#include "control/worker_host.h"

#include <pthread.h>

#include <algorithm>

namespace outrigger::control {
namespace {

constexpr size_t kMostSpansOnTheWay = 2048;

}  // namespace

WorkerHost::WorkerHost(uint32_t number, metrics::Shard& shard, LogWriter& log, Mailbox& control, HostEvents& events)
    : number_(number), shard_(shard), log_(log), control_(control), events_(events), loop_(net::randomSeed()) {
  server::WorkerReports& reports = *this;
  worker_ = std::make_unique<server::Worker>(loop_.turn(), loop_, shard, reports);
  worker_->acceptTlsBy(loop_);
  loop_.countHandshakesIn(shard.worker.handshakes);
  if (number > 0) worker_->leaveHealthChecks();
}

WorkerHost::~WorkerHost() {
  if (!thread_.joinable()) return;
  loop_.mailbox().post([this] {
    listeners_.clear();
    worker_->cutAll();
    loop_.stop();
  });
  thread_.join();
}

void WorkerHost::start() {
  thread_ = std::thread([this] { loop_.run(); });
  ::pthread_setname_np(thread_.native_handle(), ("worker-" + std::to_string(number_)).c_str());
}

void WorkerHost::post(std::move_only_function<void(server::Worker&)> task) {
  loop_.mailbox().post([this, task = std::move(task)]() mutable { task(*worker_); });
}

void WorkerHost::tap(uint64_t number, server::TapFilter filter, server::Taps::OnTapped onTapped) {
  auto hand = [this, onTapped = std::move(onTapped)](Bytes record, uint64_t leftOut) {
    control_.post([onTapped, record = std::string(record), leftOut] { onTapped(record, leftOut); });
  };
  post([number, filter = std::move(filter), hand = std::move(hand)](server::Worker& worker) mutable {
    worker.taps().open(number, std::move(filter), std::move(hand));
  });
}

void WorkerHost::closeTap(uint64_t number) {
  post([number](server::Worker& worker) { worker.taps().close(number); });
}

void WorkerHost::listen(const std::string& name, net::BoundSocket socket, server::ListenerRole role,
                        std::vector<WorkerHost*> hosts) {
  loop_.mailbox().post([this, name, socket = std::move(socket), role = std::move(role),
                        hosts = std::move(hosts)]() mutable {
    auto onAccept = [role, hosts](net::AcceptedSocket accepted) {
      WorkerHost& chosen = **std::ranges::min_element(hosts, {}, [](const WorkerHost* host) { return host->load(); });
      chosen.take(role, std::move(accepted));
    };
    auto onPause = [this] { shard_.worker.acceptPauses.add(); };
    auto& listener = listeners_[name];
    listener = std::make_unique<net::Listener>(loop_, std::move(socket), std::move(onAccept), std::move(onPause));
    if (role.redirected) listener->askDestinations([this, direction = role.direction] { countLookup(direction); });
  });
}

void WorkerHost::countLookup(Direction direction) {
  auto& refused = shard_.worker.redirectsRefused[static_cast<size_t>(direction)];
  refused[static_cast<size_t>(metrics::RedirectRefusal::Lookup)].add();
}

void WorkerHost::closeListener(const std::string& name) {
  loop_.mailbox().post([this, name] { listeners_.erase(name); });
}

// On the accepting worker's thread: our own connection is served at once, another's goes by mailbox.
void WorkerHost::take(const server::ListenerRole& role, net::AcceptedSocket accepted) {
  const auto serve = [](WorkerHost& host, const server::ListenerRole& as, net::AcceptedSocket socket) {
    auto transport = host.loop_.adopt(std::move(socket.fd), socket.peer);
    if (transport != nullptr) host.worker_->serve(as, std::move(transport));
  };
  if (std::this_thread::get_id() == thread_.get_id()) return serve(*this, role, std::move(accepted));
  arriving_.fetch_add(1, std::memory_order_relaxed);
  loop_.mailbox().post([this, serve, role, accepted = std::move(accepted)]() mutable {
    arriving_.fetch_sub(1, std::memory_order_relaxed);
    serve(*this, role, std::move(accepted));
  });
}

int64_t WorkerHost::load() const {
  const metrics::WorkerSeries& series = shard_.worker;
  int64_t connections = 0;
  for (const metrics::Gauge& gauge : series.downstreamConnections) connections += gauge.value();
  // What is under way counts; among equals the number of connections that may bring more.
  constexpr int64_t kRequestWeighs = 1024;
  return series.activeRequests.value() * kRequestWeighs + connections + arriving_.load(std::memory_order_relaxed);
}

void WorkerHost::onDecision(const server::Decision& decision) {
  control_.post([this, decision] { events_.onDecision(decision); });
}

void WorkerHost::onBreakerChanged(const server::BreakerNews& news) {
  control_.post([this, news] { events_.onBreakerChanged(number_, news); });
}

void WorkerHost::onHealthChanged(const server::HealthNews& news) {
  control_.post([this, news] { events_.onHealthChanged(number_, news); });
}

// A control thread that is busy elsewhere finds no more than this when it comes back.
void WorkerHost::onTraced(std::vector<server::TracedRequest> requests) {
  size_t spans = 0;
  for (const server::TracedRequest& request : requests) spans += request.spans();
  if (spansOnTheWay_.fetch_add(spans, std::memory_order_relaxed) + spans > kMostSpansOnTheWay) {
    spansOnTheWay_.fetch_sub(spans, std::memory_order_relaxed);
    return shard_.worker.spansDropped.add(spans);
  }
  control_.post([this, spans, requests = std::move(requests)]() mutable {
    spansOnTheWay_.fetch_sub(spans, std::memory_order_relaxed);
    events_.onTraced(std::move(requests));
  });
}

void WorkerHost::onRetired(std::shared_ptr<const exchange::Snapshot> snapshot) {
  control_.post([last = std::move(snapshot)]() mutable { last.reset(); });
}

}  // namespace outrigger::control
