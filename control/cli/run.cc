#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "control/cli/verbs.h"
#include "proxy/net/hardening.h"
#include "proxy/net/signals.h"

namespace outrigger::control::cli {

int runSidecar(const Sidecar::Options& options) {
  net::forbidDumps();
  net::Signals::ignorePipe();
  const uint64_t descriptors = net::raiseDescriptorLimit();
  net::EventLoop loop(net::randomSeed());
  Sidecar* running = nullptr;
  // Before the config is read, so that a signal that comes early is not lost; and until all else has ended, so that one
  // that comes late does not kill us on the way out.
  const net::Signals signals(loop, {SIGHUP, SIGUSR1, SIGTERM, SIGINT}, [&](int number) { running->onSignal(number); });
  LogWriter writer;
  Log log(writer, ::isatty(STDERR_FILENO) == 1);
  Sidecar sidecar(loop, log, writer, options);
  running = &sidecar;
  if (!sidecar.start()) {
    std::fputs(sidecar.reloader().state().lastError.c_str(), stderr);
    std::fputs("\n", stderr);
    return kUnusable;
  }
  log.info("started", {{"version", OUTRIGGER_VERSION},
                       {"config", options.configFile},
                       {"hash", Bytes(sidecar.reloader().state().file.hash).substr(0, 8)},
                       {"descriptors", std::to_string(descriptors)}});
  sidecar.follow();
  loop.run();
  return kOk;
}

}  // namespace outrigger::control::cli
