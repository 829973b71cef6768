// The caller's half of the benches: sends requests over kept connections to one address and tells what came of each.
// It never repeats one and has no opinion of its own, so that what is measured is what stands between. On the loop's
// thread; must be cleared before the loop ends.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proxy/http/h1/client_codec.h"
#include "proxy/net/event_loop.h"

namespace outrigger::bench {

/// What a caller saw.
struct Answer {
  enum class How : uint8_t {
    Answered,
    Refused,  ///< no connection could be made
    Lost,     ///< the connection ended before the head of the answer
    Cut,      ///< ... in the middle of the answer
    GaveUp,   ///< the caller's patience was over
  };
  How how = How::Answered;
  uint16_t status = 0;  ///< with Answered
  std::string reason;   ///< the word of `outrigger-reason`; empty if the upstream answered
};

class HttpClient {
 public:
  using Done = std::move_only_function<void(const Answer&)>;

  /// Requests beyond `mostConnections` at once wait here, in order.
  HttpClient(net::EventLoop& loop, const Address& to, size_t mostConnections);
  ~HttpClient();

  /// `request` is the whole message. `done` is called exactly once, never from in here, unless the client is destroyed
  /// first. At `giveUp` the connection is closed, as an impatient caller does.
  void ask(std::string request, http::Method method, Instant giveUp, Done done);

  size_t connections() const { return connections_.size(); }

 private:
  class Connection;
  struct Question {
    std::string text;
    http::Method method;
    Instant giveUp;
    Done done;
  };

  void dispatch();
  void onIdle(Connection& connection);
  void remove(Connection& connection);
  void expireWaiting();

  net::EventLoop& loop_;
  Address to_;
  size_t most_;
  http::h1::HeadScratch scratch_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;  // used last first
  std::deque<Question> waiting_;   // oldest first
  Timer<HttpClient, &HttpClient::expireWaiting> waitTimer_{*this};
};

}  // namespace outrigger::bench
