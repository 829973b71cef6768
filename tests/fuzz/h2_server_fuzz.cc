// The server's side of HTTP/2 against arbitrary frames. The first two octets say where the rest is cut, as fractions of
// its size. Whatever comes, the session's events are in order, no text of a head can end a line of HTTP/1, and it says
// the same however the octets arrive.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/support/h2_transcript.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string input =
      std::string(outrigger::http::h2::kPreface) + std::string(reinterpret_cast<const char*>(data) + 2, size - 2);
  size_t cuts[] = {data[0] * input.size() / 256, data[1] * input.size() / 256};
  if (cuts[0] > cuts[1]) std::swap(cuts[0], cuts[1]);
  const std::string whole = outrigger::testing::readH2(input);
  const std::string pieces = outrigger::testing::readH2(input, cuts);
  // An error of the connection hides what came in the same read behind a frame that was fine.
  const bool same = whole.starts_with(pieces) || pieces.starts_with(whole);
  if (same && !whole.starts_with("WRONG") && !pieces.starts_with("WRONG")) return 0;
  std::fprintf(stderr, "--- whole\n%s\n--- in pieces\n%s\n", whole.c_str(), pieces.c_str());
  std::abort();
}
