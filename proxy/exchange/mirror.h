// Copies of requests for another upstream, so that something new meets real requests before it serves them. Fire and
// forget: the answer is read and dropped, and nothing of a copy delays, fails or changes the request that it was made
// of. One worker's thread; owned by the worker.
//
// A copy owns all it needs (its texts lie in an arena of its own) and pins its generation. It ends with its answer,
// with its upstream's `timeout.request`, or with its owner.
#pragma once

#include <memory>
#include <vector>

#include "proxy/exchange/generation.h"
#include "proxy/exchange/request_body.h"

namespace outrigger::exchange {

class Mirrors {
 public:
  explicit Mirrors(Turn& turn);
  ~Mirrors();

  /// Sends a copy of a request whose body is complete and kept; `head` as its upstream sees it.
  void send(GenerationPin generation, const Mirror& mirror, const http::RequestHead& head, const RequestBody& body);

  size_t underWay() const { return copies_.size(); }
  /// Ends all of them. Before the owner goes, which lets the turn end behind it: they pin its generations until then.
  void cut();

 private:
  class Copy;

  void remove(Copy& copy);

  Turn& turn_;
  std::vector<std::unique_ptr<Copy>> copies_;
};

}  // namespace outrigger::exchange
