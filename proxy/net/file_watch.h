// Tells that something changed in a folder (inotify through libuv). A mounted ConfigMap swaps a link in the folder, so
// the folder is watched, not the file. May miss events; whoever needs certainty polls beside it. On the loop's thread.
#pragma once

#include <functional>
#include <string>

#include "proxy/net/event_loop.h"

namespace outrigger::net {

class FileWatch {
 public:
  using OnChange = std::function<void()>;

  FileWatch(EventLoop& loop, std::string folder, OnChange onChange);

  /// Watches the folder that stands at the path now; after it was replaced, or could not be watched before.
  void renew();

 private:
  EventLoop& loop_;
  std::string folder_;
  OnChange onChange_;
  HandleBox<uv_fs_event_t> event_;
};

}  // namespace outrigger::net
