#include "proxy/metrics/exemplars.h"

#include <charconv>

namespace outrigger::metrics {
namespace {

constexpr size_t kDigits = 16;  // of one word

std::optional<uint64_t> wordOf(Bytes digits) {
  uint64_t word = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), word, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return word;
}

}  // namespace

void Exemplars::note(size_t bucket, Bytes traceId, Duration value, WallTime at) {
  if (traceId.size() != 2 * kDigits) return;
  const auto high = wordOf(traceId.substr(0, kDigits));
  const auto low = wordOf(traceId.substr(kDigits));
  if (!high || !low) return;
  const bool first = owned_ == nullptr;
  if (first) owned_ = std::make_unique<Slots>();
  Slot& slot = (*owned_)[bucket];
  const uint64_t sequence = slot.sequence.load(std::memory_order_relaxed);
  slot.sequence.store(sequence + 1, std::memory_order_relaxed);
  slot.words[0].store(*high, std::memory_order_release);
  slot.words[1].store(*low, std::memory_order_release);
  slot.words[2].store(static_cast<uint64_t>(value.count()), std::memory_order_release);
  slot.words[3].store(static_cast<uint64_t>(at.time_since_epoch().count()), std::memory_order_release);
  slot.sequence.store(sequence + 2, std::memory_order_release);
  if (first) slots_.store(owned_.get(), std::memory_order_release);
}

std::optional<Exemplar> Exemplars::read(size_t bucket) const {
  const Slots* slots = slots_.load(std::memory_order_acquire);
  if (slots == nullptr) return std::nullopt;
  const Slot& slot = (*slots)[bucket];
  const uint64_t sequence = slot.sequence.load(std::memory_order_acquire);
  if (sequence == 0 || sequence % 2 != 0) return std::nullopt;
  std::array<uint64_t, 4> words;
  for (size_t i = 0; i < words.size(); ++i) words[i] = slot.words[i].load(std::memory_order_acquire);
  if (slot.sequence.load(std::memory_order_relaxed) != sequence) return std::nullopt;
  return Exemplar{.trace = {words[0], words[1]},
                  .value = Duration(static_cast<int64_t>(words[2])),
                  .at = WallTime(WallTime::duration(static_cast<int64_t>(words[3])))};
}

}  // namespace outrigger::metrics
