// Keeps the live page's state: reads the counters each second for the rings, always, so that the page opens with its
// history; asks the workers and makes JSON only while somebody reads the events, or once for who asks. Tells each
// reader the whole state first, and what is new each second; a reader that lags misses events, and is told the whole
// state when it has caught up. The control thread only.
#pragma once

#include <memory>
#include <vector>

#include "control/admin/gatherings.h"
#include "control/live/live_json.h"
#include "control/page_server.h"

namespace outrigger::control::live {

class Watch {
 public:
  using Give = std::function<void(const Json& state)>;

  /// All outlive it.
  Watch(const ProcessView& view, admin::Gatherings& gatherings);

  /// The whole state of now, once.
  void look(const Give& give);
  /// Events from now on.
  FeedHead follow(std::shared_ptr<Feed> feed);

  const History& history() const { return history_; }

 private:
  static constexpr Duration kEvery = 1s;

  struct Reader {
    std::shared_ptr<Feed> feed;
    bool whole = false;  ///< what it has is whole, but for what is new
  };

  void onSecond();
  void ask(bool everybody);
  void tell(const admin::Gathering::Result& gathered, bool everybody);

  const ProcessView& view_;
  admin::Gatherings& gatherings_;
  CountReader counts_;
  History history_;
  std::vector<Reader> readers_;
  Progress told_;  // to everybody
  bool asking_ = false;
  Timer<Watch, &Watch::onSecond> timer_{*this};
};

}  // namespace outrigger::control::live
