#include "proxy/policy/outcome.h"

#include <gtest/gtest.h>

namespace outrigger::policy {
namespace {

TEST(Grade, ByResult) {
  const FailureKinds all;
  EXPECT_EQ(grade({.result = AttemptResult::Ok, .status = 200}, all), Grade::Success);
  EXPECT_EQ(grade({.result = AttemptResult::Status, .status = 503}, all), Grade::Failure);
  EXPECT_EQ(grade({.result = AttemptResult::Timeout}, all), Grade::Failure);
  EXPECT_EQ(grade({.result = AttemptResult::Reset}, all), Grade::Failure);
  EXPECT_EQ(grade({.result = AttemptResult::Connect, .unsent = true, .connectLevel = true}, all), Grade::Failure);
  EXPECT_EQ(grade({.result = AttemptResult::Cancelled}, all), Grade::Neutral);
}

TEST(Grade, TheApplicationsOwnErrorIsNoFailureUnlessNamed) {
  FailureKinds kinds;
  EXPECT_EQ(grade({.result = AttemptResult::Status, .status = 500}, kinds), Grade::Success);
  kinds.statuses.addClass(5);
  EXPECT_EQ(grade({.result = AttemptResult::Status, .status = 500}, kinds), Grade::Failure);
}

TEST(Grade, WhatTheListDoesNotNameSaysNothing) {
  FailureKinds none{.unsent = false, .reset = false, .timeout = false, .statuses = {}};
  EXPECT_EQ(grade({.result = AttemptResult::Timeout}, none), Grade::Neutral);
  EXPECT_EQ(grade({.result = AttemptResult::Reset}, none), Grade::Neutral);
  EXPECT_EQ(grade({.result = AttemptResult::Connect}, none), Grade::Neutral);
  EXPECT_EQ(grade({.result = AttemptResult::Status, .status = 503}, none), Grade::Success);
}

// Whatever way it ended.
TEST(Grade, WhatIsNotTheServicesFaultIsNeutral) {
  const FailureKinds all;
  for (size_t result = 0; result < kAttemptResultCount; ++result) {
    const AttemptEnd plain{.result = static_cast<AttemptResult>(result), .status = 503};
    for (bool AttemptEnd::*why :
         {&AttemptEnd::localCause, &AttemptEnd::staleConnection, &AttemptEnd::requestIncomplete,
          &AttemptEnd::pausedByUs, &AttemptEnd::callerDeadline, &AttemptEnd::markedNotForwarded}) {
      AttemptEnd end = plain;
      end.*why = true;
      EXPECT_EQ(grade(end, all), Grade::Neutral) << result;
    }
  }
}

TEST(Grade, WhatAHedgeThatLostOrACallerWhoLeftHadIsNeutral) {
  for (const Reason reason : {Reason::Ok, Reason::ClientClosed, Reason::AttemptTimeout}) {
    EXPECT_EQ(grade({.result = AttemptResult::Cancelled, .reason = reason}, {}), Grade::Neutral);
  }
}

TEST(StatusSet, HoldsWhatWasAdded) {
  StatusSet set;
  set.add(429);
  set.addClass(5);
  for (uint16_t status = 0; status < 1000; ++status) {
    EXPECT_EQ(set.has(status), status == 429 || (status >= 500 && status < 600)) << status;
  }
}

}  // namespace
}  // namespace outrigger::policy
