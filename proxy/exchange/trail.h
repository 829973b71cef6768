// What became of each attempt of an exchange, and why another one followed or did not: what `outrigger why` tells and
// spans are made of. Plain values inside the attempts, which live as long as the exchange; one worker's thread.
#pragma once

#include <optional>

#include "proxy/base/address.h"
#include "proxy/base/reason.h"
#include "proxy/base/time.h"
#include "proxy/policy/outcome.h"
#include "proxy/policy/retry.h"

namespace outrigger::exchange {

struct AttemptNote {
  enum class Next : uint8_t {
    Nothing,   ///< it was the last one, or another one under way answered
    Answered,  ///< its answer went to the caller
    Retried,
  };

  uint32_t number = 0;                                              ///< of the exchange's attempts, from 1
  bool hedge = false;                                               ///< sent beside another one
  uint16_t status = 0;                                              ///< of its answer; 0: none came
  policy::AttemptResult result = policy::AttemptResult::Cancelled;  ///< also while it is under way
  Reason reason = Reason::Ok;                   ///< what the caller would be told if this was the last try
  Next next = Next::Nothing;                    ///< what followed
  policy::RetryCause cause{};                   ///< with Retried
  std::optional<policy::RetryRefusal> refusal;  ///< why no other try was to follow, where that was asked
  Duration backoff{};                           ///< with Retried: the wait before the next one
  uint64_t span = 0;                            ///< its id; 0: none is recorded
  Address endpoint{};                           ///< of the family None: none was chosen
  Instant startedAt{};
  Instant chosenAt{};  ///< of the endpoint; the epoch: none was
  Instant headAt{};    ///< of its answer; the epoch: none came
  Instant endedAt{};   ///< the epoch: it has not ended
  AttemptNote* later = nullptr;
};

}  // namespace outrigger::exchange
