// The admin side over HTTP (CONTRACT §7): JSON about status, config, upstreams and decisions; actions where the config
// allows them. Requests whose Host is a name that is not ours are refused (DNS rebinding). The control thread only.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "control/admin/gatherings.h"
#include "control/admin/live_page.h"
#include "control/admin/pages_json.h"
#include "control/live/watch.h"
#include "control/page_server.h"
#include "control/process_view.h"
#include "control/tap/tap_feeds.h"

namespace outrigger::control::admin {

class AdminPages {
 public:
  /// `view` is copied; what it refers to outlives the pages.
  explicit AdminPages(ProcessView view);

  http::StreamHandler& handler() { return server_; }

 private:
  using Render = std::function<Json(const Gathering::Result&)>;

  void addReadingPages();
  void addLivePages();
  void addActions();
  void holdEndpoint(const PageRequest& request, const GivePage& give);
  void addAction(const char* path, std::function<Page(const PageRequest&)> act);
  /// Asks all workers, and gives the page when they have answered or time is up.
  void gather(const Gatherings::Question& question, Render render, const GivePage& give);
  void why(const PageRequest& request, const GivePage& give);
  Rules rules() const;

  ProcessView view_;
  PageServer server_;
  Gatherings gatherings_;
  live::Watch watch_;
  tap::TapFeeds taps_;
  const LivePage page_;
};

/// Whether `host` can only be us: an IP address or `localhost`, with or without a port; or nothing, as HTTP/1.0 may
/// have it. A name that an attacker's DNS points here is something else.
bool isOwnHost(Bytes host);

}  // namespace outrigger::control::admin
