#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "control/cli/verbs.h"
#include "control/discovery/api_server.h"
#include "control/environment.h"
#include "control/injector/kubernetes_api.h"
#include "proxy/net/hardening.h"
#include "proxy/net/signals.h"

namespace outrigger::control::cli {
namespace {

/// The way to the API server.
struct Cluster {
  Cluster(net::EventLoop& loop, Log& log, outcall::Peer peer)
      : client(loop.turn(), loop, std::move(peer)), api(loop.turn(), log, client) {}

  outcall::Client client;
  injector::KubernetesApi api;
};

// Without it, pods get their sidecars all the same.
std::unique_ptr<Cluster> findCluster(net::EventLoop& loop, Log& log, const std::string& serviceAccount) {
  auto peer = discovery::findApiServer(fromEnvironment, serviceAccount);
  if (peer) return std::make_unique<Cluster>(loop, log, std::move(*peer));
  const bool outside = !fromEnvironment("KUBERNETES_SERVICE_HOST");
  log.warn("no-api-server",
           {{"text", outside ? Bytes("KUBERNETES_SERVICE_HOST is not set, as every pod has it: configs "
                                     "of namespaces are not looked at, and no Events are written")
                             : Bytes(peer.error())}});
  return nullptr;
}

}  // namespace

int runInjector(const injector::Injector::Options& options) {
  net::forbidDumps();
  net::Signals::ignorePipe();
  net::raiseDescriptorLimit();
  net::EventLoop loop(net::randomSeed());
  injector::Injector* running = nullptr;
  // Before the config is read, so that a signal that comes early is not lost.
  const net::Signals signals(loop, {SIGHUP, SIGTERM, SIGINT}, [&](int number) { running->onSignal(number); });
  LogWriter writer;
  Log log(writer, ::isatty(STDERR_FILENO) == 1);
  const auto cluster = findCluster(loop, log, options.serviceAccount);
  injector::Injector server(loop, log, cluster != nullptr ? &cluster->api : nullptr, options);
  running = &server;
  if (const auto started = server.start(); !started) {
    std::fputs(started.error().c_str(), stderr);
    return kUnusable;
  }
  log.info("started", {{"version", OUTRIGGER_VERSION}, {"config", options.configFile}});
  loop.run();
  return kOk;
}

}  // namespace outrigger::control::cli
