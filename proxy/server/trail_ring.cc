#include "proxy/server/trail_ring.h"

#include <ranges>

namespace outrigger::server {
namespace {

using exchange::AttemptNote;

TrailAttempt attemptOf(const AttemptNote& note, Instant begunAt) {
  TrailAttempt attempt;
  attempt.number = note.number;
  attempt.hedge = note.hedge;
  attempt.span = note.span;
  if (note.endpoint.family() != Address::Family::None) attempt.endpoint = note.endpoint.text();
  attempt.status = note.status;
  attempt.result = note.result;
  attempt.reason = note.reason;
  attempt.next = note.next;
  attempt.cause = note.cause;
  attempt.refusal = note.refusal;
  attempt.backoff = note.backoff;
  const auto since = [begunAt](Instant at) { return at == Instant() ? std::nullopt : std::optional(at - begunAt); };
  attempt.started = note.startedAt - begunAt;
  attempt.chosen = since(note.chosenAt);
  attempt.head = since(note.headAt);
  attempt.ended = since(note.endedAt);
  return attempt;
}

}  // namespace

Trail trailOf(const exchange::AccessRecord& record) {
  Trail trail;
  trail.time = record.time;
  trail.id = record.id;
  trail.trace = record.trace;
  trail.direction = record.direction;
  trail.method = record.method;
  trail.host = record.host;
  trail.path = record.path;
  trail.route = record.route;
  trail.upstream = record.upstream;
  trail.status = record.status;
  trail.grpcStatus = record.grpcStatus;
  trail.reason = record.reason;
  trail.attempts = record.attempts;
  trail.duration = record.duration;
  for (const AttemptNote* note = record.trail; note != nullptr; note = note->later) {
    if (trail.notes.size() == TrailRing::kMostAttempts) break;
    trail.notes.push_back(attemptOf(*note, record.begunAt));
  }
  return trail;
}

std::vector<Trail> TrailRing::find(Bytes id) const {
  std::vector<Trail> found;
  for (const Trail& trail : trails_ | std::views::reverse) {
    if (trail.id == id || trail.trace == id) found.push_back(trail);
  }
  return found;
}

}  // namespace outrigger::server
