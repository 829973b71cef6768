// Tells when files have other contents than before: their folders are watched (a mounted ConfigMap or Secret swaps a
// link), and looked at every 10 s beside it for watches that go silent. The control thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proxy/net/event_loop.h"
#include "proxy/net/file_watch.h"

namespace outrigger::control {

class FileFollower {
 public:
  /// `loop` outlives it.
  FileFollower(net::EventLoop& loop, std::function<void()> onChanged) : loop_(loop), onChanged_(std::move(onChanged)) {}

  /// Follows these files instead of those before. Of one that is new here, what it holds now is taken for known: read
  /// it afterwards.
  void follow(const std::vector<std::string>& paths);

 private:
  static constexpr Duration kDebounce = 100ms;
  static constexpr Duration kPoll = 10s;

  void onNotice();
  void onPoll();
  void look();

  net::EventLoop& loop_;
  std::function<void()> onChanged_;
  std::map<std::string, std::string> digests_;                      // by path, as last seen
  std::map<std::string, std::unique_ptr<net::FileWatch>> watches_;  // by folder
  Timer<FileFollower, &FileFollower::look> debounce_{*this};
  Timer<FileFollower, &FileFollower::onPoll> poll_{*this};
};

}  // namespace outrigger::control
