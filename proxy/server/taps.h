// Who watches requests as they end: `outrigger tap`. While nobody does, a request costs one look at an empty list.
// Owned by its worker; one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proxy/exchange/access_record.h"

namespace outrigger::server {

/// Which requests somebody wants to see. All that is given must be so.
struct TapFilter {
  bool errors = false;                   ///< only those that failed, as the access log's `errors` means it
  std::string upstream{};                ///< empty: of any
  std::string route{};                   ///< empty: of any
  std::optional<Duration> slowerThan{};  ///< only those that took longer

  bool wants(const exchange::AccessRecord& record, bool error) const;
};

class Taps {
 public:
  /// Of all taps together: so many records a second are told, the others are only counted.
  static constexpr uint32_t kMostPerSecond = 200;

  /// Gets a record as the access log has it, without a line end; or, when a second is over, how many more there were.
  using OnTapped = std::function<void(Bytes record, uint64_t leftOut)>;

  void open(uint64_t number, TapFilter filter, OnTapped onTapped);
  void close(uint64_t number);

  /// Somebody may want the record of a request that ended so.
  bool want(bool error) const {
    for (const Tap& tap : taps_) {
      if (error || !tap.filter.errors) return true;
    }
    return false;
  }
  void take(const exchange::AccessRecord& record, bool error);
  /// Once a second: what is over is told, and there is room again.
  void onSecond();

 private:
  struct Tap {
    uint64_t number = 0;
    TapFilter filter;
    OnTapped onTapped;
    uint64_t leftOut = 0;  // and not told yet
  };

  std::vector<Tap> taps_;
  uint32_t toldThisSecond_ = 0;
  std::string line_;  // scratch
};

}  // namespace outrigger::server
