// Sends the spans of requests to a collector: a bounded queue, one export at a time, and another try while the
// collector is away. What is lost on the way is counted; no request ever waits for it. The control thread only.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "config/environment.h"
#include "config/model.h"
#include "control/log.h"
#include "control/outcall/client.h"
#include "control/tracing/otlp_json.h"
#include "proxy/base/turn.h"

namespace outrigger::control::tracing {

/// Spans, by what became of them.
struct ExportCounts {
  uint64_t exported = 0;
  uint64_t dropped = 0;  ///< the queue was full, or the collector was changed or switched off meanwhile
  uint64_t refused = 0;  ///< the collector did not want them
};

class Exporter final : private outcall::AnswerSink {
 public:
  static constexpr size_t kMostQueued = 2048;  ///< spans
  static constexpr size_t kMostAtOnce = 256;   ///< spans of one export, unless a single request has more

  /// All outlive the exporter.
  Exporter(Turn& turn, Dialer& dialer, Log& log) : turn_(turn), dialer_(dialer), log_(log) {}

  /// Where they go from now on; nullopt: nowhere.
  void configure(const std::optional<config::TracingModel>& tracing, Resource resource);
  void take(std::vector<server::TracedRequest> requests);
  /// Sends what is queued, without waiting for more and without a second try, and calls `done` once: when all is sent
  /// or a try has failed. What is left then counts as dropped.
  void flush(std::move_only_function<void()> done);

  const ExportCounts& counts() const { return counts_; }
  /// Spans that wait, those under way included.
  size_t queued() const { return queued_; }

 private:
  static constexpr Duration kLinger = 1s;  // so that one export carries several requests
  static constexpr Duration kFirstWait = 1s;
  static constexpr Duration kLongestWait = 30s;

  void onDue();
  void send();
  void settle(uint64_t spans);
  void again(const std::string& why);
  void dropAll();
  void giveUpFlush();
  void flushed();

  void onHead(const http::ResponseHead& head) override;
  void onBody(Bytes data) override;
  void onEnd() override;
  void onFailed(const std::string& why) override;

  Turn& turn_;
  Dialer& dialer_;
  Log& log_;
  std::optional<config::TracingModel> tracing_;
  Resource resource_;
  std::unique_ptr<outcall::Client> client_;
  std::unique_ptr<outcall::Call> call_;
  std::deque<server::TracedRequest> queue_;
  size_t queued_ = 0;    // spans
  size_t underWay_ = 0;  // requests at the queue's front
  uint16_t status_ = 0;  // of the answer
  std::optional<Duration> retryAfter_;
  std::string answer_;
  Duration wait_ = kFirstWait;
  bool complained_ = false;
  ExportCounts counts_;
  std::move_only_function<void()> flushed_;  // the end has come, and somebody waits for the last of them
  Timer<Exporter, &Exporter::onDue> timer_{*this};
};

/// Who we are, by the config and the environment.
Resource resourceOf(const config::TracingModel& tracing, const config::EnvironmentLookup& environment);

}  // namespace outrigger::control::tracing
