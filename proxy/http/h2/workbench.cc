#include "proxy/http/h2/workbench.h"

#include <utility>

namespace outrigger::http::h2 {

std::unique_ptr<HeaderBlock> Workbench::takeBlock() {
  if (blocks_.empty()) return std::make_unique<HeaderBlock>();
  auto block = std::move(blocks_.back());
  blocks_.pop_back();
  return block;
}

void Workbench::giveBack(std::unique_ptr<HeaderBlock> block) {
  if (block != nullptr && blocks_.size() < kMostBlocks) blocks_.push_back(std::move(block));
}

std::span<Field> Workbench::storage(size_t fields) {
  constexpr size_t kSpare = 32;
  if (storage_.size() < fields + kSpare) storage_.resize(fields + kSpare);
  return {storage_.data(), fields + kSpare};
}

}  // namespace outrigger::http::h2
