// The body of one request between its caller and its attempts: kept while no attempt can take it, and as long as it may
// have to be sent again. A value inside an exchange.
#pragma once

#include <vector>

#include "proxy/base/turn.h"
#include "proxy/http/message.h"

namespace outrigger::exchange {

class RequestBody {
 public:
  explicit RequestBody(Turn& turn) : turn_(turn) {}

  void start(http::BodyFraming framing);
  /// Octets that are kept for a replay (`bufferBody`).
  void limitReplay(uint64_t mostKept) { mostKept_ = mostKept; }

  /// More has come. `streaming`: the attempt under way has sent all that came before, and sends this itself.
  void append(Bytes data, bool streaming);
  /// The caller has sent all; the trailers are copied.
  void end(const http::FieldList& trailers, Arena& arena);

  bool complete() const { return complete_; }
  uint64_t received() const { return received_; }
  const http::FieldList& trailers() const { return trailers_; }

  /// All octets so far are still here.
  bool replayable() const { return replayable_; }
  size_t kept() const { return kept_; }

  /// Calls each(bytes) for what is kept, in order; the bytes stay valid until the running callback has settled.
  template <class Each>
  void forEachKept(Each&& each) const {
    for (size_t i = 0; i < chunks_.size(); ++i) each(Bytes(chunks_[i].data(), used_[i]));
  }

  /// An attempt has sent all that is kept, and takes what comes from now on. Lets go of what is larger than
  /// `bufferBody`.
  void onSent();
  /// Nothing will be sent again.
  void drop();

 private:
  void keep(Bytes data);

  Turn& turn_;
  bool complete_ = true;
  bool replayable_ = true;
  uint64_t mostKept_ = 0;
  uint64_t received_ = 0;
  size_t kept_ = 0;
  std::vector<Chunk> chunks_;
  std::vector<uint32_t> used_;  // octets in each chunk
  http::FieldList trailers_;
};

}  // namespace outrigger::exchange
