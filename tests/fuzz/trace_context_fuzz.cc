// Trace headers: one field a line, `NAME: VALUE`. Whatever comes, one valid traceparent goes on, and what was kept of
// the caller's is read the same again.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "proxy/exchange/trace_context.h"

namespace {

using namespace outrigger;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check(http::FieldList fields, const exchange::TraceRule* rule, Arena& arena, Rng& rng) {
  const exchange::TraceIds ids = exchange::takeTrace(fields, rule, arena, rng);
  require(fields.count(http::Header::Traceparent) == 1, "one traceparent");
  require(ids.id.size() == 32, "a trace");
  require(ids.kept == (ids.parentSpan.size() == 16), "a parent, if it was kept");
  require((ids.spanOut != nullptr) == (rule != nullptr && ids.sampled), "a place for our span, if it is recorded");
  if (ids.spanOut != nullptr) exchange::writeSpanId(ids.spanOut, 1);
  const exchange::TraceIds again = exchange::takeTrace(fields, nullptr, arena, rng);
  require(again.kept && again.id == ids.id && again.sampled == ids.sampled, "the next hop reads the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes rest(reinterpret_cast<const char*>(data), size);
  ChunkPool chunks;
  Arena arena(chunks);
  Rng rng(1);
  for (const exchange::TraceRule& rule : {exchange::TraceRule{0}, exchange::TraceRule{exchange::kAllTraces}}) {
    for (const exchange::TraceRule* used : {static_cast<const exchange::TraceRule*>(nullptr), &rule}) {
      http::FieldList fields(arena);
      for (Bytes lines = rest; !lines.empty() && fields.size() < 50;) {
        const Bytes line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        const size_t colon = std::min(line.find(": "), line.size());
        if (colon > 0) fields.add(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
      }
      check(fields, used, arena, rng);
    }
  }
  return 0;
}
