// A world in virtual time: upstreams, sidecars, callers. A scenario reads the same here and with real sockets
// (tests/support/real/world.h):
//
//   World world;
//   auto& orders = world.upstream("orders").replies(503).then(200);
//   auto& sidecar = world.sidecar("upstreams: {orders: {endpoints: ['${orders}']}}");
//   EXPECT_EQ(sidecar.get("orders", "/x").status, 200);
//   EXPECT_EQ(orders.hits(), 2);
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/snapshot_builder.h"
#include "proxy/server/worker.h"
#include "tests/support/sim/client.h"
#include "tests/support/sim/h2_peer.h"
#include "tests/support/sim/service.h"
#include "tests/support/sim/upstream.h"

namespace outrigger::sim {

class World;

/// A sidecar with one worker. Public: what a person outside could do; worker(): what a test may look into.
class Sidecar final : private server::WorkerReports {
 public:
  Sidecar(World& world, const std::string& yaml);
  ~Sidecar();

  test::SeenResponse get(const std::string& host, const std::string& target, test::Headers headers = {});
  test::SeenResponse post(const std::string& host, const std::string& target, const std::string& body,
                          test::Headers headers = {});
  test::SeenResponse request(const std::string& method, const std::string& host, const std::string& target,
                             test::Headers headers = {}, const std::string& body = "",
                             Direction direction = Direction::Outbound);

  /// A connection of a caller's own; `upstream`: to that upstream's own listener.
  Client& connect(Direction direction = Direction::Outbound, const std::string& upstream = "");

  /// The connection of a caller from outside, as if TLS had verified it; empty: it has shown no identity.
  Client& connectAs(const std::string& identity);

  /// The connection of a caller that was going elsewhere.
  Client& connectRedirected(Direction direction, const Address& destination);
  std::unique_ptr<MemoryTransport> openRedirected(Direction direction, const Address& destination);

  /// The same, with nothing at its other end yet.
  std::unique_ptr<MemoryTransport> open(Direction direction, const std::string& upstream = "");
  /// Serves that side at an address of the network as well, so that others can dial it.
  void listen(Direction direction, const Address& address);

  /// Brings another config into effect; the diagnostics, if it is bad.
  std::string reload(const std::string& yaml);

  server::Worker& worker() { return *worker_; }
  metrics::Shard& metrics() { return shard_; }
  metrics::UpstreamSeries& series(const std::string& upstream);
  /// How many sets of request cells there are.
  uint32_t requestSeries() const { return static_cast<uint32_t>(registry_.requests().size()); }
  const std::vector<std::string>& accessLines() const { return accessLines_; }
  const std::vector<server::Decision>& decisions() const { return decisions_; }
  /// Requests that were recorded in their traces, some 200 ms after their end.
  const std::vector<server::TracedRequest>& traced() const { return traced_; }
  /// Snapshots that a reload has replaced and nobody uses any more.
  size_t retired() const { return retired_; }

 private:
  void onAccessLine(Bytes line) override { accessLines_.emplace_back(line); }
  void onDecision(const server::Decision& decision) override { decisions_.push_back(decision); }
  void onBreakerChanged(const server::BreakerNews&) override {}
  void onHealthChanged(const server::HealthNews&) override {}
  void onTraced(std::vector<server::TracedRequest> requests) override {
    std::ranges::move(requests, std::back_inserter(traced_));
  }
  void onRetired(std::shared_ptr<const exchange::Snapshot> snapshot) override {
    // The last holder, as the control thread will be: nobody of the data plane still uses it.
    if (snapshot.use_count() == 1) ++retired_;
  }

  World& world_;
  metrics::Shard shard_;
  control::telemetry::SeriesRegistry registry_;
  control::SnapshotBuilder builder_;
  std::unique_ptr<server::Worker> worker_;
  std::vector<std::unique_ptr<Client>> clients_;
  Client* shared_ = nullptr;  // the keep-alive connection that get() and its like use
  std::vector<std::string> accessLines_;
  std::vector<server::Decision> decisions_;
  std::vector<server::TracedRequest> traced_;
  size_t retired_ = 0;
};

class World {
 public:
  explicit World(uint64_t seed = 1) : loop_(seed), network_(loop_) {}
  ~World();

  Loop& loop() { return loop_; }
  Network& network() { return network_; }
  void run(Duration span) { loop_.run(span); }
  bool runUntil(const std::function<bool()>& done, Duration limit = 1h) { return loop_.runUntil(done, limit); }

  /// An upstream under that name; `${NAME}` in a config is its address.
  Upstream& upstream(const std::string& name);
  /// The same that speaks HTTP/2 by hand.
  H2Peer& h2Peer(const std::string& name);
  /// The same with a service.
  Service& service(const std::string& name);
  /// An address under that name, the same each time.
  const Address& address(const std::string& name);
  /// What `${NAME}` stands for; nullopt: there is no such address.
  std::optional<std::string> lookUp(Bytes name) const;

  /// `version: 1` may be left out.
  Sidecar& sidecar(const std::string& yaml);

 private:
  Loop loop_;
  Network network_;
  std::map<std::string, Address> addresses_;
  std::map<std::string, std::unique_ptr<Upstream>> upstreams_;
  std::map<std::string, std::unique_ptr<H2Peer>> h2Peers_;
  std::map<std::string, std::unique_ptr<Service>> services_;
  std::vector<std::unique_ptr<Sidecar>> sidecars_;
};

}  // namespace outrigger::sim
