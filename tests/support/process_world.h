// For tests of pages: a process to look at, with a loop and a loaded config, but without listeners and, at first,
// without workers.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "control/process_view.h"
#include "control/snapshot_builder.h"
#include "proxy/net/event_loop.h"

namespace outrigger::testing {

class ProcessWorld final : private control::DrainSteps, private control::HostEvents {
 public:
  explicit ProcessWorld(const std::string& config =
                            "version: 1\nlisten: {outbound: none, admin: none, telemetry: "
                            "none}\n") {
    shards.push_back(std::make_unique<metrics::Shard>(metrics::Bounds::standard()));
    registry.emplace(std::vector<metrics::Shard*>{shards.front().get()}, 10'000);
    write(config);
    loaded = reloader.loadFirst();
  }
  ~ProcessWorld() {
    hosts.clear();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const std::filesystem::path& folder() const { return folder_; }
  void write(const std::string& config) { std::ofstream(file_, std::ios::trunc) << config; }

  control::ProcessView view() {
    return {.turn = loop.turn(),
            .writer = writer,
            .reloader = reloader,
            .drain = drain,
            .listeners = listeners,
            .registry = *registry,
            .hosts = hosts,
            .model = model,
            .certificates = certificates,
            .startedAt = startedAt,
            .reload = [this] { return reloader.reload(); },
            .beginDrain = [this] { drain.begin(); },
            .setLogLevel = [this](control::Log::Level level) { levels.push_back(level); }};
  }

  /// A worker with its thread, on the config.
  void startWorker() {
    control::SnapshotBuilder builder(*registry, 1);
    auto snapshot = builder.build(*model);
    control::HostEvents& self = *this;
    hosts.push_back(std::make_unique<control::WorkerHost>(0, *shards.front(), writer, loop.mailbox(), self));
    hosts.back()->post([made = *snapshot](server::Worker& worker) { worker.install(made, {}); });
    hosts.back()->start();
  }

  /// Runs the loop until `done()`.
  template <class Done>
  void runUntil(Done done) {
    std::function<void()> look = [&] {
      if (done()) return loop.stop();
      loop.mailbox().post([&look] { look(); });
    };
    loop.mailbox().post([&look] { look(); });
    loop.run();
  }

  void pass(Duration time) {
    Turn& turn = loop.turn();
    turn.refresh(turn.now + time, turn.wall + time);
    turn.timers.advance(turn.now);
    turn.settle();
    turn.endTurn();
  }

 private:
  std::expected<void, std::string> apply(const config::LoadResult& result) {
    if (!obstacle.empty()) return std::unexpected(obstacle);
    model = result.model;
    return {};
  }
  void makeInboundAnswersLast() override {}
  void closeInboundListeners() override {}
  void closeIdleInbound() override {}
  int64_t requestsInFlight() const override { return 0; }
  int64_t connections(Direction) const override { return 0; }
  bool appIsThere() override { return true; }
  void finish() override {}
  void onDecision(const server::Decision&) override {}
  void onBreakerChanged(uint32_t, const server::BreakerNews&) override {}
  void onHealthChanged(uint32_t, const server::HealthNews&) override {}
  void onTraced(std::vector<server::TracedRequest>) override {}

  static std::filesystem::path makeFolder() {
    std::string name = std::filesystem::temp_directory_path() / "outrigger-test-XXXXXX";
    return ::mkdtemp(name.data()) != nullptr ? name : std::string();
  }

  const std::filesystem::path folder_ = makeFolder();
  const std::filesystem::path file_ = folder_ / "outrigger.yaml";

 public:
  net::EventLoop loop{1};
  control::LogWriter writer;
  control::Log log{writer, false};
  std::shared_ptr<const config::Model> model;
  std::map<std::string, WallTime> certificates;
  control::Reloader reloader{
      loop, log, {file_, {}}, std::nullopt, [this](const config::LoadResult& result) { return apply(result); }};
  control::Drain drain{loop.turn(), *this};
  control::ListenerTable listeners;
  std::vector<std::unique_ptr<metrics::Shard>> shards;
  std::optional<control::telemetry::SeriesRegistry> registry;
  std::vector<std::unique_ptr<control::WorkerHost>> hosts;
  WallTime startedAt = loop.turn().wall;
  bool loaded = false;
  std::vector<control::Log::Level> levels;
  std::string obstacle;  ///< why no config can be brought into effect
};

}  // namespace outrigger::testing
