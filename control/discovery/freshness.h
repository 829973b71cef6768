// How fresh what the sources have found is, for the metrics: stands between the sources and the one who brings their
// finds into effect. The control thread only.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "control/discovery/source.h"
#include "proxy/base/turn.h"

namespace outrigger::control::discovery {

/// Of one upstream.
struct FreshnessFacts {
  Duration age{};          ///< since its endpoints were confirmed; before the first time, since they are looked for
  uint64_t applied = 0;    ///< lists that differed from the one before
  uint64_t unchanged = 0;  ///< confirmations of the last one
  uint64_t failed = 0;     ///< troubles
};

class Freshness final : public SourceEvents {
 public:
  /// Passes on to `next` what it hears. Both outlive it.
  Freshness(Turn& turn, SourceEvents& next) : turn_(turn), next_(next) {}

  /// Its endpoints are looked for from now on; what was counted before stays.
  void begin(const std::string& upstream);
  /// They are not any more.
  void end(const std::string& upstream) { records_.erase(upstream); }

  std::map<std::string, FreshnessFacts> facts() const;

  void onEndpoints(const std::string& upstream, std::vector<Found> endpoints) override;
  void onTrouble(const std::string& upstream, const std::string& why) override;
  void onConfirmed(const std::string& upstream) override;

 private:
  struct Record {
    FreshnessFacts counted;
    Instant confirmedAt{};
    bool changed = false;  // since the last confirmation
  };

  Turn& turn_;
  SourceEvents& next_;
  std::map<std::string, Record> records_;
};

}  // namespace outrigger::control::discovery
