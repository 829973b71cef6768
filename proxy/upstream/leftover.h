// An attempt at the app beside us whose caller has gone. The app may work on all the same, so the attempt keeps its
// place among `limits.requests` until the app has answered (POLICIES §5): else a queue would grow behind the limit that
// should prevent it. The app is told by FIN, which servers that look take as a cancel; what it still answers is
// dropped. Owned by its Cluster; one worker's thread.
#pragma once

#include "proxy/base/turn.h"
#include "proxy/upstream/lease.h"

namespace outrigger::upstream {

class Cluster;

class Leftover final : private ResponseSink {
 public:
  /// `lease` has a stream whose request was handed over and whose answer has not begun. It is given up after `limit`
  /// whatever the app does; nullopt: never.
  Leftover(Turn& turn, Cluster& cluster, Lease lease, std::optional<Duration> limit);

 private:
  void onInterim(http::ResponseHead&) override {}
  void onResponseHead(http::ResponseHead&) override { giveUp(); }
  void onResponseBody(Bytes) override {}
  void onResponseEnd(http::FieldList) override { end(); }
  void onStreamLost(const Error&, bool) override { end(); }
  void onRequestDrained() override {}

  void giveUp();
  void end();

  Cluster& cluster_;
  Lease lease_;
  Timer<Leftover, &Leftover::giveUp> limit_{*this};
};

}  // namespace outrigger::upstream
