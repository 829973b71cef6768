// Follows the addresses that a name in the DNS stands for, or its SRV records: asks again when the answer is no longer
// to be believed. What was found stays while servers are away, and also when they say that there is nothing (any more):
// a name that vanishes is more often a mistake than a wish. The control thread only.
#pragma once

#include <memory>
#include <string>

#include "config/model.h"
#include "control/discovery/source.h"
#include "proxy/base/resolver.h"
#include "proxy/base/turn.h"

namespace outrigger::control::discovery {

class DnsSource final : public Source, private ResolveSink {
 public:
  static constexpr Duration kLeast = 1s;  ///< between two questions, whatever the TTL says
  static constexpr Duration kMost = 5min;
  static constexpr Duration kMostBackoff = 30s;  ///< after failures in a row: 1 s, 2 s, 4 s and so on

  /// All outlive the source.
  DnsSource(Turn& turn, Resolver& resolver, std::string upstream, config::DnsModel name, SourceEvents& events);

 private:
  void ask();
  void askIn(Duration span);
  void onResolved(Resolved resolved) override;
  void onResolveFailed(const ResolveError& error) override;
  void adviseOnBalancing(const std::vector<Resolved::Place>& places);

  Turn& turn_;
  Resolver& resolver_;
  const std::string upstream_;
  const config::DnsModel name_;
  SourceEvents& events_;
  std::unique_ptr<Resolution> resolution_;
  std::vector<Found> found_;
  std::string trouble_;
  uint32_t failures_ = 0;  // in a row
  bool advised_ = false;
  Timer<DnsSource, &DnsSource::ask> timer_{*this};
};

/// In an order of its own, each address once, weights fitted into 1 to 1000. Pure.
std::vector<Found> inOrder(const std::vector<Resolved::Place>& places);

}  // namespace outrigger::control::discovery
