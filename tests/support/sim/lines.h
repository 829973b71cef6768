// Keep-alive connections of one caller, one request at a time on each: as many as are asked for at once. An answer is
// told to whoever asked. Lean; for what a caller may do wrong there is Client.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/sim/message.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {

class Lines {
 public:
  /// A new connection; nullptr: it is refused.
  using Open = std::function<std::unique_ptr<MemoryTransport>()>;
  /// nullopt: the connection was lost before the answer was whole.
  using OnAnswer = std::function<void(std::optional<Message>)>;
  class Line;

  Lines(Loop& loop, Open open);
  ~Lines();

  /// Sends a request. The line is the caller's until the answer is told, or it leaves; nullptr: the connection was
  /// refused, and nothing is told.
  Line* ask(Bytes octets, OnAnswer onAnswer);
  /// Closes the connection under the request: the caller does not wait any more, and is told nothing.
  void leave(Line& line, Transport::CloseMode how = Transport::CloseMode::Normal);

  /// Connections that stand.
  size_t size() const { return lines_.size(); }

 private:
  void remove(Line& line, Transport::CloseMode how = Transport::CloseMode::Normal);

  Loop& loop_;
  Open open_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<Line*> idle_;
};

}  // namespace outrigger::sim
