#include "control/redirect/capability.h"

#include <charconv>
#include <cstdint>

namespace outrigger::control::redirect {

bool mayChangeNetwork(Bytes status) {
  constexpr Bytes kLine = "\nCapEff:\t";
  constexpr uint64_t kNetAdmin = uint64_t{1} << 12;
  const size_t at = status.find(kLine);
  if (at == Bytes::npos) return true;
  uint64_t effective = 0;
  const char* begin = status.data() + at + kLine.size();
  const auto [end, error] = std::from_chars(begin, status.data() + status.size(), effective, 16);
  return error != std::errc() || (effective & kNetAdmin) != 0;
}

}  // namespace outrigger::control::redirect
