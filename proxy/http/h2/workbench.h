// What all HTTP/2 sessions of one worker share: the library's memory, storage for the head that is being read, and the
// blocks that heads are collected in. One thread; outlives the sessions.
#pragma once

#include <memory>
#include <vector>

#include "proxy/http/h2/header_block.h"
#include "proxy/http/h2/memory.h"

namespace outrigger::http::h2 {

class Workbench {
 public:
  Memory& memory() { return memory_; }

  /// A block to collect a head in; give it back once the head is used up.
  std::unique_ptr<HeaderBlock> takeBlock();
  void giveBack(std::unique_ptr<HeaderBlock> block);

  /// Fields on their way to the library, during one call.
  std::vector<nghttp2_nv>& pairs() { return pairs_; }

  /// Storage for `fields` fields and those that the proxy adds; until the next call.
  std::span<Field> storage(size_t fields);

 private:
  static constexpr size_t kMostBlocks = 4;

  Memory memory_;
  std::vector<std::unique_ptr<HeaderBlock>> blocks_;
  std::vector<Field> storage_;
  std::vector<nghttp2_nv> pairs_;
};

}  // namespace outrigger::http::h2
