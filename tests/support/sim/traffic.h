// Requests at a fixed rate, whatever becomes of them (open loop), over as many keep-alive connections as that takes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/sim/world.h"

namespace outrigger::sim {

class Traffic {
 public:
  struct Kind {
    std::string method = "GET";
    std::string host;
    std::string target = "/";
    std::string body{};
    test::Headers headers{};
  };

  Traffic(World& world, Sidecar& sidecar, Kind kind) : world_(world), sidecar_(sidecar), kind_(std::move(kind)) {}
  ~Traffic();

  /// Sends for so long from now on; the caller runs the world.
  void start(double perSecond, Duration span);
  /// Runs until each request has been answered, or its connection is gone.
  bool finish(Duration limit = 1min) {
    return world_.runUntil([this] { return !sending_ && ended_ == sent_; }, limit);
  }

  size_t sent() const { return sent_; }
  size_t ended() const { return ended_; }
  /// Answered with that status; 0: cut.
  size_t count(int status) const;
  /// Not answered with 2xx.
  size_t failed() const { return ended_ - good_; }
  /// Why, and how many of each.
  std::string failures() const;
  /// The longest a request took.
  Duration slowest() const { return slowest_; }
  /// A header that counts the requests, so that a repeated one is noticed.
  static constexpr const char* kNumber = kNumberHeader;

 private:
  struct Caller {
    Client* client;
    Instant askedAt;
    bool busy = false;
    size_t answered = 0;
  };

  void send();
  void onNews(Caller& caller);
  Caller& idleCaller();

  World& world_;
  Sidecar& sidecar_;
  Kind kind_;
  Duration gap_{};
  Instant end_{};
  bool sending_ = false;
  size_t sent_ = 0;
  size_t ended_ = 0;
  size_t good_ = 0;
  Duration slowest_{};
  std::map<std::string, size_t> failures_;
  std::map<int, size_t> statuses_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outrigger::sim
