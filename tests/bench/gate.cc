// What the data plane costs for one request, counted: a worker with every policy on takes N small GETs over one
// kept connection and has them answered by one endpoint. No kernel and no libuv, so callgrind counts the same
// instructions each time; gate.py runs it twice and takes the difference.
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "config/load.h"
#include "control/snapshot_builder.h"
#include "filters/registry.h"
#include "proxy/base/dialer.h"
#include "proxy/server/worker.h"

namespace outrigger {
namespace {

constexpr Bytes kConfig = R"(version: 1
listen: {admin: none, telemetry: none}
upstreams:
  origin: {endpoints: ["127.0.0.1:9001"]}
routes:
  - {name: all, match: {prefix: /}, to: origin}
)";
// As wrk asks and nginx answers.
constexpr Bytes kRequest = "GET / HTTP/1.1\r\nHost: 127.0.0.1:9014\r\n\r\n";
constexpr Bytes kAnswer =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\n"
    "Content-Length: 64\r\nConnection: keep-alive\r\n\r\n"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

constexpr size_t kBodySize = 64;

/// A connection whose peer is a counter.
class Line final : public Transport {
 public:
  explicit Line(size_t& written) : written_(written) {}
  void attach(TransportSink& sink) override { sink_ = &sink; }
  void write(std::span<const Bytes> pieces) override {
    for (const Bytes piece : pieces) written_ += piece.size();
  }
  size_t queued() const override { return 0; }
  void pause() override {}
  void resume() override {}
  void shutdown() override {}
  void close(CloseMode) override {}
  PeerState probe() override { return PeerState::Quiet; }
  const PeerInfo& peer() const override { return peer_; }

  void bring(Bytes bytes) { sink_->onBytes(bytes); }

 private:
  size_t& written_;
  PeerInfo peer_;
  TransportSink* sink_ = nullptr;
};

class OneLineDialer final : public Dialer {
 public:
  std::unique_ptr<Dial> dial(const Address&, const DialOptions&, DialSink& sink) override {
    waiting = &sink;
    return std::make_unique<Dial>();
  }
  void connect() {
    auto made = std::make_unique<Line>(written);
    line = made.get();
    std::exchange(waiting, nullptr)->onConnected(std::move(made));
  }

  DialSink* waiting = nullptr;
  Line* line = nullptr;
  size_t written = 0;
};

class NoReports final : public server::WorkerReports {
  void onAccessLine(Bytes) override {}
  void onDecision(const server::Decision&) override {}
  void onBreakerChanged(const server::BreakerNews&) override {}
  void onHealthChanged(const server::HealthNews&) override {}
  void onTraced(std::vector<server::TracedRequest>) override {}
  void onRetired(std::shared_ptr<const exchange::Snapshot>) override {}
};

class Bench {
 public:
  Bench() : turn_(Instant(1000s), WallTime(Duration(1767225600s)), 1), shard_(metrics::Bounds::standard()) {
    const auto loaded = config::load(
        kConfig, "gate.yaml", [](Bytes) { return std::nullopt; }, filters::schemas());
    worker_.install(*builder_.build(*loaded.model), control::servingRules(loaded.model->http));
    auto caller = std::make_unique<Line>(answered_);
    caller_ = caller.get();
    worker_.serve({Direction::Outbound, ""}, std::move(caller));
  }

  /// False: the answer did not arrive.
  bool request() {
    const size_t before = answered_;
    inTurn([&] { caller_->bring(kRequest); });
    if (dialer_.waiting != nullptr) inTurn([&] { dialer_.connect(); });
    inTurn([&] { dialer_.line->bring(kAnswer); });
    return answered_ > before + kBodySize;
  }

 private:
  template <class Event>
  void inTurn(Event event) {
    turn_.refresh(turn_.now + 50us, turn_.wall + 50us);
    turn_.timers.advance(turn_.now);
    event();
    turn_.settle();
    turn_.endTurn();
  }

  Turn turn_;
  metrics::Shard shard_;
  control::telemetry::SeriesRegistry registry_{{&shard_}, 100};
  control::SnapshotBuilder builder_{registry_, 1};
  OneLineDialer dialer_;
  NoReports reports_;
  server::Worker worker_{turn_, dialer_, shard_, reports_};
  size_t answered_ = 0;
  Line* caller_ = nullptr;
};

}  // namespace
}  // namespace outrigger

int main(int count, char** arguments) {
  const long requests = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 1;
  outrigger::Bench bench;
  for (long i = 0; i < requests; ++i) {
    if (bench.request()) continue;
    std::fprintf(stderr, "request %ld was not answered\n", i + 1);
    return 1;
  }
}
