#include "config/same_content.h"

#include <algorithm>

namespace outrigger::config {

bool sameContent(const Node& a, const Node& b) {
  if (a.kind() != b.kind() || a.text() != b.text()) return false;
  const auto sameEntry = [](const Node::Entry& x, const Node::Entry& y) {
    return x.key == y.key && sameContent(x.value, y.value);
  };
  return std::ranges::equal(a.items(), b.items(), sameContent) &&
         std::ranges::equal(a.entries(), b.entries(), sameEntry);
}

}  // namespace outrigger::config
