#include "proxy/server/traced_request.h"

#include <algorithm>

namespace outrigger::server {

size_t TracedRequest::spans() const {
  const auto sent =
      std::ranges::count_if(trail.notes, [](const TrailAttempt& note) { return note.chosen.has_value(); });
  return 1 + static_cast<size_t>(sent);
}

TracedRequest tracedRequestOf(const exchange::AccessRecord& record) {
  TracedRequest traced;
  traced.trail = trailOf(record);
  traced.span = record.span;
  traced.parent = record.parentSpan;
  if (!record.route.empty()) traced.pattern = record.shape.path;
  traced.protocol = record.protocol;
  traced.upstreamProtocol = record.upstreamProtocol;
  traced.upstreamSecure = record.upstreamSecure;
  if (record.peer == nullptr) return traced;
  traced.caller = record.peer->address.unmapped().hostText();
  traced.secure = record.peer->secure;
  return traced;
}

}  // namespace outrigger::server
