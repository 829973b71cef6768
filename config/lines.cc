#include "config/lines.h"

#include <algorithm>

namespace outrigger::config {

Lines::Lines(Bytes text, uint32_t file) : text_(text), file_(file), starts_{0} {
  for (size_t i = text.find_first_of("\r\n"); i != Bytes::npos; i = text.find_first_of("\r\n", i)) {
    i += text.substr(i).starts_with("\r\n") ? 2 : 1;
    starts_.push_back(i);
  }
}

Bytes Lines::line(uint32_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  const Bytes rest = text_.substr(starts_[number - 1]);
  return rest.substr(0, rest.find_first_of("\r\n"));
}

Place Lines::place(size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto after = std::ranges::upper_bound(starts_, offset);
  const auto number = static_cast<size_t>(after - starts_.begin());
  return {static_cast<uint32_t>(number), static_cast<uint32_t>(offset - starts_[number - 1] + 1), file_};
}

}  // namespace outrigger::config
