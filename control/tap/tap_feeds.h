// GET /api/tap: the records of requests as they end, as events; asked for by `outrigger tap`. Each feed opens a tap at
// every worker, and closes it when its reader has gone.
//
//   event: record    data: the JSON that the access log would have
//   event: left-out  data: {"records": 12}   of so many more nothing was told: a worker tells at most 200 a second, and
//                                            a reader that lags misses some
//
// The control thread only.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "control/page_server.h"
#include "control/process_view.h"
#include "proxy/server/taps.h"

namespace outrigger::control::tap {

/// Reads the query: errors=1, upstream=NAME, route=NAME, slower-than=100ms. The error is a sentence without a full stop
/// that says what would be right.
std::expected<server::TapFilter, std::string> readFilter(Bytes query);

/// Why nothing can ever be seen: the config has no such upstream or route. nullopt: it has.
std::optional<std::string> findsNothing(const server::TapFilter& filter, const config::Model& model);

class TapFeeds {
 public:
  /// `view` outlives it.
  explicit TapFeeds(const ProcessView& view);
  ~TapFeeds();

  std::variant<Page, FeedHead> open(const PageRequest& request, std::shared_ptr<Feed> feed);

 private:
  static constexpr Duration kSignEvery = 10s;  // that the feed lives, where nothing happens

  struct Tap {
    uint64_t number = 0;
    std::shared_ptr<Feed> feed;
    uint64_t missed = 0;  ///< by a reader that lags
  };

  void onTapped(uint64_t number, Bytes record, uint64_t leftOut);
  void close(uint64_t number);
  void onSign();

  const ProcessView& view_;
  std::vector<std::shared_ptr<Tap>> taps_;  // shared with whoever just sends: a reader may go in the middle
  uint64_t nextNumber_ = 1;
  std::shared_ptr<TapFeeds*> self_;  // what others hold; emptied at the end
  Timer<TapFeeds, &TapFeeds::onSign> sign_{*this};
};

}  // namespace outrigger::control::tap
