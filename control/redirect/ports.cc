#include "control/redirect/ports.h"

#include <algorithm>

namespace outrigger::control::redirect {
namespace {

constexpr uint16_t kHighest = 65535;

std::optional<uint16_t> parsePort(Bytes text) {
  const auto port = parseDecimal(text, kHighest);
  if (!port || *port == 0) return std::nullopt;
  return static_cast<uint16_t>(*port);
}

}  // namespace

std::string PortRange::text(char between) const {
  if (first == last) return std::to_string(first);
  return std::to_string(first) + between + std::to_string(last);
}

std::expected<PortRange, std::string> parsePorts(Bytes text) {
  const size_t dash = text.find('-');
  const auto first = parsePort(text.substr(0, dash));
  const auto last = dash == Bytes::npos ? first : parsePort(text.substr(dash + 1));
  if (!first || !last) return std::unexpected("`" + std::string(text) + "` is no port: try 22 or 8000-8010");
  if (*last < *first) {
    return std::unexpected(std::string(text) + " runs backwards: try " + PortRange{*last, *first}.text());
  }
  return PortRange{*first, *last};
}

std::vector<PortRange> merged(std::vector<PortRange> ranges) {
  std::ranges::sort(ranges, {}, &PortRange::first);
  std::vector<PortRange> whole;
  for (const PortRange& range : ranges) {
    const bool touches = !whole.empty() && range.first <= static_cast<uint32_t>(whole.back().last) + 1;
    if (touches) {
      whole.back().last = std::max(whole.back().last, range.last);
    } else {
      whole.push_back(range);
    }
  }
  return whole;
}

}  // namespace outrigger::control::redirect
