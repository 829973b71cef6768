#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "control/cli/verbs.h"
#include "proxy/net/hardening.h"
#include "proxy/net/signals.h"

namespace outrigger::control::cli {

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
  injector::Injector server(loop, log, nullptr, options);
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
