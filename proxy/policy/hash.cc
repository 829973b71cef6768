#include "proxy/policy/hash.h"

#include <xxhash.h>

namespace outrigger::policy {

uint64_t hashOf(Bytes text) {
  return XXH3_64bits(text.data(), text.size());
}

}  // namespace outrigger::policy
