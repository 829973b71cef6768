// PROXY headers: an answer, once given, holds whatever follows, and is given in time; the addresses that were read are
// the same after they have been written and read again.
#include <cstdio>
#include <cstdlib>

#include "proxy/wire/proxy_protocol.h"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void writeAgain(const outrigger::wire::ProxyHeader& header) {
  using namespace outrigger::wire;
  const auto from = header.source.unmapped();
  const auto to = header.destination.unmapped();
  for (const auto& text : {proxyHeaderV1(from, to), proxyHeaderV2(from, to)}) {
    const auto again = readProxyHeader(text);
    require(again && *again && (*again)->size == text.size(), "what was written is not read");
    if (from.isIp() && from.family() == to.family()) {
      require((*again)->header.source == from && (*again)->header.destination == to, "other addresses");
    } else {
      require((*again)->header.local, "addresses out of nothing");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace outrigger::wire;
  const outrigger::Bytes input(reinterpret_cast<const char*>(data), size);
  size_t taken = 0;
  bool refused = false;
  for (size_t n = 0; n <= size && n <= 600; ++n) {
    const auto read = readProxyHeader(input.substr(0, n));
    require(!refused || !read, "accepted after it was refused");
    require(taken == 0 || (read && *read && (*read)->size == taken), "another size");
    require(n < kLongestProxyHeader || !read || *read, "a late answer");
    refused = !read;
    if (read && *read && taken == 0) {
      taken = (*read)->size;
      require(taken == n, "more was needed than it took");
      if (!(*read)->header.local) writeAgain((*read)->header);
    }
  }
  return 0;
}
