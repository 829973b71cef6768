// Discovery in Kubernetes over real sockets: a service that changes a thousand times at random under an API server that
// forgets and cuts. How soon a change is known is measured here, and judged in the simulator, where no neighbour of the
// test takes the processor away.
#include <gtest/gtest.h>

#include "control/discovery/kubernetes_source.h"
#include "proxy/net/event_loop.h"
#include "proxy/net/listener.h"
#include "proxy/net/signals.h"
#include "tests/support/discovery_run.h"

namespace outrigger::control::discovery {
namespace {

TEST(SlowKubernetes, AThousandChangesAreEachKnown) {
  net::Signals::ignorePipe();
  net::EventLoop loop(1);
  outrigger::testing::FakeKubernetes api(loop.turn());
  api.pageSize = 2;
  auto bound = net::bindAndListen(Address::loopback(0));
  ASSERT_TRUE(bound);
  const net::Listener listener(
      loop, std::move(*bound),
      [&](net::AcceptedSocket accepted) {
        if (auto transport = loop.adopt(std::move(accepted.fd), accepted.peer)) api.server.serve(std::move(transport));
      },
      [] {});
  outrigger::testing::DiscoveryRun run(loop.turn(), api, 1000, 1ms, [&] { loop.stop(); });
  outcall::Client client(loop.turn(), loop, outcall::Peer{listener.address(), "127.0.0.1"});
  const KubernetesSource source(client, "payments", {"pay", "shop", {.name = "http"}}, run);
  loop.run();
  ASSERT_EQ(run.latencies.size(), 1000U);
  std::printf("1000 changes, %d cuts, %d forgettings; known after %.1f ms (median), %.1f (99 %%), %.1f (all)\n",
              run.cuts, run.forgettings, seconds(run.quantile(0.5)) * 1e3, seconds(run.quantile(0.99)) * 1e3,
              seconds(run.latencies.back()) * 1e3);
  EXPECT_EQ(run.wrong, 0);
  EXPECT_LT(run.quantile(0.5), 100ms);
}

}  // namespace
}  // namespace outrigger::control::discovery
