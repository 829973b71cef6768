// The last requests out of the ordinary, each with what became of its attempts: where `outrigger why` looks. Plain
// values, made on a worker and read on the control thread. They hold no more of a request than its access record.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "proxy/exchange/access_record.h"

namespace outrigger::server {

/// One attempt; spans from the request's first octet.
struct TrailAttempt {
  uint32_t number = 0;
  bool hedge = false;
  uint64_t span = 0;     ///< its id; 0: none is recorded
  std::string endpoint;  ///< empty: none was chosen
  uint16_t status = 0;
  policy::AttemptResult result{};
  Reason reason{};
  exchange::AttemptNote::Next next{};
  policy::RetryCause cause{};
  std::optional<policy::RetryRefusal> refusal;
  Duration backoff{};
  Duration started{};
  std::optional<Duration> chosen;
  std::optional<Duration> head;
  std::optional<Duration> ended;
};

struct Trail {
  WallTime time{};
  std::string id;
  std::string trace;
  Direction direction = Direction::Outbound;
  std::string method;
  std::string host;  ///< as the access record has it
  std::string path;  ///< likewise
  std::string route;
  std::string upstream;
  uint16_t status = 0;
  std::string grpcStatus;
  Reason reason{};
  uint32_t attempts = 0;  ///< those beyond kMostAttempts are only counted
  Duration duration{};
  std::vector<TrailAttempt> notes;
};

/// Copies what a trail keeps of a record.
Trail trailOf(const exchange::AccessRecord& record);

class TrailRing {
 public:
  static constexpr size_t kMost = 500;
  static constexpr size_t kMostAttempts = 10;  ///< of one request

  void add(Trail trail) {
    trails_.push_back(std::move(trail));
    if (trails_.size() > kMost) trails_.pop_front();
  }
  /// Those of this request id, or trace id; the newest first.
  std::vector<Trail> find(Bytes id) const;
  size_t size() const { return trails_.size(); }
  /// Of the oldest; only where there is one.
  WallTime since() const { return trails_.front().time; }

 private:
  std::deque<Trail> trails_;
};

}  // namespace outrigger::server
