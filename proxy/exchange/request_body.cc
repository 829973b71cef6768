#include "proxy/exchange/request_body.h"

#include <algorithm>
#include <cstring>

namespace outrigger::exchange {

void RequestBody::start(http::BodyFraming framing) {
  complete_ = framing.isEmpty();
  mostKept_ = 0;
  received_ = 0;
  drop();
  replayable_ = true;
  trailers_ = {};
}

void RequestBody::append(Bytes data, bool streaming) {
  received_ += data.size();
  if (!streaming) return keep(data);
  if (!replayable_) return;
  if (received_ > mostKept_) return drop();
  keep(data);
}

void RequestBody::end(const http::FieldList& trailers, Arena& arena) {
  complete_ = true;
  trailers_ = http::FieldList(arena);
  for (const http::Field& field : trailers) trailers_.add(field.id, arena.copy(field.name), arena.copy(field.value));
}

void RequestBody::keep(Bytes data) {
  kept_ += data.size();
  while (!data.empty()) {
    if (chunks_.empty() || used_.back() == chunks_.back().size()) {
      chunks_.push_back(
          turn_.chunks.take(chunks_.empty() ? std::min(data.size(), ChunkPool::kLarge) : ChunkPool::kLarge));
      used_.push_back(0);
    }
    const size_t room = chunks_.back().size() - used_.back();
    const size_t size = std::min(room, data.size());
    std::memcpy(chunks_.back().data() + used_.back(), data.data(), size);
    used_.back() += static_cast<uint32_t>(size);
    data.remove_prefix(size);
  }
}

void RequestBody::onSent() {
  if (received_ > mostKept_) drop();
}

void RequestBody::drop() {
  replayable_ = false;
  kept_ = 0;
  used_.clear();
  if (chunks_.empty()) return;
  // What has just been sent may still be borrowed by a write that settles later in this callback.
  turn_.graveyard.bury(std::make_unique<std::vector<Chunk>>(std::move(chunks_)));
  chunks_.clear();
}

}  // namespace outrigger::exchange
