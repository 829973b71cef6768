// A worker with its thread and loop. The control thread owns the host and talks to the worker by mailbox only; what the
// worker reports is handed on, by mailbox again.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "control/log_writer.h"
#include "proxy/net/listener.h"
#include "proxy/server/worker.h"

namespace outrigger::control {

/// What hosts tell the control side; called on the control thread.
class HostEvents {
 public:
  virtual void onDecision(const server::Decision& decision) = 0;
  /// `from`: the host whose breaker has changed.
  virtual void onBreakerChanged(uint32_t from, const server::BreakerNews& news) = 0;
  /// `from`: the host that makes the health checks.
  virtual void onHealthChanged(uint32_t from, const server::HealthNews& news) = 0;
  virtual void onTraced(std::vector<server::TracedRequest> requests) = 0;

 protected:
  ~HostEvents() = default;
};

class WorkerHost final : private server::WorkerReports {
 public:
  /// `control` is the mailbox of the control thread; all outlive the host.
  WorkerHost(uint32_t number, metrics::Shard& shard, LogWriter& log, Mailbox& control, HostEvents& events);
  /// Cuts what is left and joins the thread.
  ~WorkerHost();

  void start();
  /// Before start(): ask this server for names instead of those in resolv.conf.
  void askNamesOf(const Address& server) { loop_.askNamesOf(server); }

  uint32_t number() const { return number_; }
  const metrics::Shard& shard() const { return shard_; }

  /// Runs `task` on the worker's thread.
  void post(std::move_only_function<void(server::Worker&)> task);

  /// Runs `question` on the worker's thread, and `answer` with its result on the control thread.
  template <class Question, class Answer>
  void ask(Question question, Answer answer) {
    post([this, question = std::move(question), answer = std::move(answer)](server::Worker& worker) mutable {
      control_.post([result = question(worker), answer = std::move(answer)]() mutable { answer(std::move(result)); });
    });
  }

  /// Tells of requests as they end, until closeTap(): `onTapped` is called on the control thread.
  void tap(uint64_t number, server::TapFilter filter, server::Taps::OnTapped onTapped);
  void closeTap(uint64_t number);

  /// Accepts on `socket` on this host's loop, and hands each connection to the least busy of `hosts` (this one among
  /// them). `hosts` outlive the listener.
  void listen(const std::string& name, net::BoundSocket socket, server::ListenerRole role,
              std::vector<WorkerHost*> hosts);
  void closeListener(const std::string& name);

 private:
  void take(const server::ListenerRole& role, net::AcceptedSocket accepted);
  /// A redirected connection of which the kernel could not say where it was going. The worker's thread.
  void countLookup(Direction direction);
  /// Fewer are less busy; readable from any thread.
  int64_t load() const;

  void onAccessLine(Bytes line) override { log_.write(LogWriter::Stream::Out, line); }
  void onDecision(const server::Decision& decision) override;
  void onBreakerChanged(const server::BreakerNews& news) override;
  void onHealthChanged(const server::HealthNews& news) override;
  void onTraced(std::vector<server::TracedRequest> requests) override;
  void onRetired(std::shared_ptr<const exchange::Snapshot> snapshot) override;

  const uint32_t number_;
  metrics::Shard& shard_;
  LogWriter& log_;
  Mailbox& control_;
  HostEvents& events_;
  net::EventLoop loop_;
  std::unique_ptr<server::Worker> worker_;
  std::map<std::string, std::unique_ptr<net::Listener>> listeners_;  // the worker's thread only
  std::atomic<size_t> spansOnTheWay_{0};                             // to the control thread
  std::atomic<int64_t> arriving_{0};  // connections that are on their way here from the accepting worker
  std::thread thread_;
};

}  // namespace outrigger::control
