// First octets of a connection: a verdict, once given, holds whatever follows, and is given in time; what is said to be
// HTTP begins as HTTP does.
#include <cstdio>
#include <cstdlib>

#include "proxy/wire/detection.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using outrigger::Bytes;
  using namespace outrigger::wire;
  const auto require = [](bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
  };
  const Bytes input(reinterpret_cast<const char*>(data), size);
  Verdict verdict = Verdict::More;
  for (size_t n = 0; n <= size && n <= 64; ++n) {
    const Verdict next = detect(input.substr(0, n));
    require(verdict == Verdict::More || next == verdict, "another verdict");
    require(next != Verdict::More || n <= kMostUndecided, "a late verdict");
    verdict = next;
  }
  const bool http = verdict == Verdict::Http1 || verdict == Verdict::Http2;
  require(!http || mayBeginRequest(input.front()), "no HTTP begins so");
  require(verdict != Verdict::Http2 || input.starts_with("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "not the preface");
  return 0;
}
