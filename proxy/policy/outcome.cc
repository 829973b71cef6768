#include "proxy/policy/outcome.h"

namespace outrigger::policy {

Grade grade(const AttemptEnd& end, const FailureKinds& failures) {
  if (end.markedNotForwarded || end.staleConnection || end.callerDeadline || end.cutShort) return Grade::Neutral;
  if (end.requestIncomplete || end.pausedByUs || end.localCause) return Grade::Neutral;
  switch (end.result) {
    case AttemptResult::Ok: return Grade::Success;
    case AttemptResult::Status: return failures.statuses.has(end.status) ? Grade::Failure : Grade::Success;
    case AttemptResult::Timeout: return failures.timeout ? Grade::Failure : Grade::Neutral;
    case AttemptResult::Reset: return failures.reset ? Grade::Failure : Grade::Neutral;
    case AttemptResult::Connect: return failures.unsent ? Grade::Failure : Grade::Neutral;
    case AttemptResult::Cancelled: break;
  }
  return Grade::Neutral;
}

}  // namespace outrigger::policy
