#include "proxy/upstream/leftover.h"

#include "proxy/upstream/cluster.h"

namespace outrigger::upstream {

Leftover::Leftover(Turn& turn, Cluster& cluster, Lease lease, std::optional<Duration> limit)
    : cluster_(cluster), lease_(std::move(lease)) {
  lease_.stream().attach(*this);
  lease_.stream().endRequest();
  if (limit) turn.timers.arm(limit_, after(turn.now, *limit));
}

// The rest of the answer is drained or cut by its connection.
void Leftover::giveUp() {
  lease_.stream().cancel();
  end();
}

void Leftover::end() {
  limit_.disarm();
  lease_.release();
  cluster_.bury(*this);
}

}  // namespace outrigger::upstream
