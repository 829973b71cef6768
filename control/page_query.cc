#include "control/page_query.h"

#include "control/percent.h"

namespace outrigger::control {

std::optional<std::string> queryValue(Bytes query, Bytes name) {
  while (!query.empty()) {
    const Bytes pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return percentDecoded(equals == Bytes::npos ? Bytes() : pair.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace outrigger::control
