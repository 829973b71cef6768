// Clusters of destinations that no upstream names, each with the one endpoint that it is: made when they are first
// needed, dropped when they have not been used for a while. Owned by a Worker; one thread.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proxy/base/turn.h"
#include "proxy/exchange/snapshot.h"
#include "proxy/upstream/cluster.h"

namespace outrigger::server {

class Passages {
 public:
  using MakeCluster =
      std::function<std::shared_ptr<upstream::Cluster>(const std::shared_ptr<const upstream::ClusterSettings>&)>;

  /// `turn` outlives it.
  Passages(Turn& turn, MakeCluster make) : turn_(turn), make_(std::move(make)) {}

  /// Our own listeners, as one reaches them: what leads there would come back to us.
  void avoid(std::vector<Address> own) { own_ = std::move(own); }

  /// The cluster of that destination; nullptr: it is one of our own listeners.
  std::shared_ptr<upstream::Cluster> to(const exchange::Passage& passage, const Address& destination,
                                        Protocol protocol);

  /// A new snapshot, with these by direction: what is known of destinations stays.
  void configure(const std::array<std::unique_ptr<const exchange::Passage>, kDirectionCount>& passages);
  /// Drops those that nobody has used for a while. Now and then.
  void sweep();

  size_t size() const { return known_.size(); }

 private:
  /// A scan through an address range must not cost memory without end: beyond this, what is not in use goes early.
  static constexpr size_t kMost = 4096;

  struct Known {
    std::shared_ptr<upstream::Cluster> cluster;
    uint32_t unused = 0;  // sweeps
  };

  bool isOwn(const Address& destination) const;
  static bool goes(Known& known, bool crowded);
  void sweepCrowd();
  void drop(Known known);

  Turn& turn_;
  MakeCluster make_;
  std::vector<Address> own_;
  std::map<std::string, Known> known_;  // by passage, destination and protocol
  Instant crowdSwept_{};
};

}  // namespace outrigger::server
