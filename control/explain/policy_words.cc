#include "control/explain/policy_words.h"

#include <cmath>
#include <cstdio>

#include "config/quantity.h"
#include "proxy/http/grpc.h"

namespace outrigger::control::explain {
namespace {

using config::durationText;

std::string wholeMillis(Duration time) {
  return durationText(std::chrono::floor<std::chrono::milliseconds>(time));
}

// With as many decimals as it needs, up to two and at least `least`.
std::string numberText(double number, int least) {
  const double hundredfold = std::round(number * 100);
  const bool two = std::fmod(hundredfold, 10) != 0;
  const bool one = std::fmod(hundredfold, 100) != 0;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", two ? 2 : std::max(least, one ? 1 : 0), number);
  return text;
}

std::string timesText(double factor) {
  return numberText(factor, 1) + " x";
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return out;
}

std::string timeText(const WorstCase& worst) {
  std::string text = std::to_string(worst.tries) + (worst.tries == 1 ? " try" : " tries");
  if (worst.delivered < worst.tries) text += " (the service sees " + std::to_string(worst.delivered) + ")";
  if (worst.perTry) text += " x " + wholeMillis(*worst.perTry);
  if (worst.tried && worst.backoff > Duration::zero()) text += " and the waits between them";
  if (worst.tried && (!worst.cap || *worst.tried < *worst.cap)) text += ", " + wholeMillis(*worst.tried) + " in all";
  if (worst.tried && worst.total != worst.tried) text += " unless Retry-After asks for longer";
  if (!worst.cap) return worst.total ? text : text + ", without a limit of time";
  return text + ", capped at " + wholeMillis(*worst.cap) + (worst.callersCap ? " (the caller's)" : "");
}

std::string loadText(const WorstCase& worst) {
  if (worst.load == 1) return timesText(1) + " load";
  const std::string text = "up to " + timesText(worst.load) + " load";
  if (!worst.loadOverBudget) return text + ", which no budget bounds (mode: observe)";
  return text + ", the budget holds it to " + timesText(*worst.loadOverBudget) + " under load";
}

std::vector<std::string> failuresOf(const Replays& replays) {
  std::vector<std::string> words;
  if (replays.reset) words.emplace_back("a reset (once)");
  if (replays.timeout) words.emplace_back("a timeout");
  if (replays.statuses) words.emplace_back("a status of `retry.when`");
  return words;
}

std::string pausesText(const policy::BreakerSettings& breaker) {
  if (breaker.open == breaker.maxOpen) return durationText(breaker.open);
  return durationText(breaker.open) + ", doubled up to " + durationText(breaker.maxOpen);
}

std::string breakerText(const policy::BreakerSettings& breaker) {
  std::vector<std::string> causes;
  const std::string window =
      " of at least " + std::to_string(breaker.minRequests) + " calls in " + durationText(breaker.window);
  if (breaker.consecutive) {
    causes.push_back("after " + std::to_string(*breaker.consecutive) +
                     " failures in a row (more where calls fail anyway)");
  }
  if (breaker.errorPercent) causes.push_back("at " + percentText(*breaker.errorPercent) + " failures" + window);
  if (breaker.slowPercent && breaker.slowCall) {
    causes.push_back("at " + percentText(*breaker.slowPercent) + " slower than " + durationText(*breaker.slowCall) +
                     window);
  }
  const bool perRoute = breaker.per == policy::BreakerSettings::Per::Route;
  if (causes.empty()) return "breaker: it never opens, for nothing is named that would open it";
  return std::string("breaker, one ") + (perRoute ? "for this route" : "for the upstream") + ": opens " +
         listed(causes) + "; then it refuses all for " + pausesText(breaker);
}

std::string ejectText(const policy::EjectSettings& eject, size_t endpoints) {
  if (endpoints == 1) return "ejection: never, for this is the only endpoint";
  std::vector<std::string> causes;
  if (eject.consecutive) causes.push_back("after " + std::to_string(*eject.consecutive) + " failures in a row");
  if (eject.errors) causes.emplace_back("when it fails more often than the others");
  if (eject.latency) causes.emplace_back("when it is slower than the others");
  if (causes.empty()) return "ejection: never, for nothing is named that would cause it";
  return "ejection: an endpoint is left out " + listed(causes) + ", for " + durationText(eject.baseTime) +
         " and longer each time, at most " + percentText(eject.maxPercent) + " of them at once";
}

std::string limitsText(const policy::LimitSettings& limits) {
  std::string text = "limits: " + std::to_string(limits.requests) + " requests and " +
                     std::to_string(limits.connections) + " connections at a time; " +
                     (limits.pending == 0 ? "none" : std::to_string(limits.pending) + " more") + " may wait";
  if (limits.pendingTimeout && limits.pending > 0) text += " for " + durationText(*limits.pendingTimeout);
  return text;
}

std::string neverAgainText(const WorstCase& worst, const Circumstances& given, const http::RequestHead& head) {
  const std::string method(head.methodText);
  if (given.retry.limit == 0) return "nothing is sent again: `retry.limit` is 0";
  if (!worst.replays.unsent) return method + " is not sent again";
  return method + " is sent again only where it provably was not delivered, so that nothing is done twice";
}

// What pays for retries.
std::string budgetText(const policy::BudgetSettings& budget) {
  const bool earns = budget.percent > 0;
  const bool trickles = budget.minPerSecond > 0;
  const std::string each = numberText(budget.minPerSecond, 0) + " a second in any case, also when nothing succeeds";
  if (!earns && !trickles) return "the budget earns nothing: what it begins with is all there is";
  if (!earns) return "the budget: retries, " + each;
  const std::string every =
      budget.percent >= 100 ? "every success" : "every " + numberText(100 / budget.percent, 0) + " successes";
  return "the budget: a retry for " + every + (trickles ? ", and " + each : "");
}

// After what a request would be sent again if it bore the policy's key.
std::string keyText(const policy::RetrySettings& retry) {
  std::vector<std::string> after;
  if (retry.when.reset) after.emplace_back("a reset");
  if (retry.when.timeout) after.emplace_back("a timeout");
  if (after.empty()) return "";
  return "with the header `" + *retry.idempotencyKey + "` it would be, after " + listed(after);
}

}  // namespace

std::string percentText(double percent) {
  return numberText(percent, 0) + " %";
}

std::string worstCaseText(const WorstCase& worst) {
  return timeText(worst) + "; " + loadText(worst);
}

std::vector<std::string> timeWords(const WorstCase& worst, const Circumstances& given, const http::RequestHead& head) {
  std::vector<std::string> words;
  if (worst.share) {
    words.emplace_back("the time left is shared evenly by the tries left; the last one runs to the end of it");
  }
  if (worst.tried && head.method != http::Method::Get && head.method != http::Method::Head) {
    words.emplace_back("the time of a try begins anew when the whole body of the request has come");
  }
  if (http::isGrpc(head.fields) && !given.timeoutForGrpc && given.timeout.request) {
    words.emplace_back("`timeout.request` is not for gRPC, whose streams may last: a call has its grpc-timeout");
  }
  if (worst.callersCap) words.emplace_back("the caller's deadline is nearer than `timeout.request`");
  if (worst.cap) {
    words.emplace_back(
        "a short answer (known length, up to 1 MiB) must be there as a whole by then, of others the head");
  }
  if (given.timeout.idle) {
    words.push_back("an answer that streams may pause for " + durationText(*given.timeout.idle) + " at most");
  }
  if (given.timeout.connect) {
    words.push_back("a connection must be there within " + durationText(*given.timeout.connect));
  }
  return words;
}

std::vector<std::string> replayWords(const WorstCase& worst, const Circumstances& given,
                                     const http::RequestHead& head) {
  std::vector<std::string> words;
  const Replays& replays = worst.replays;
  if (replays.afterDelivery()) {
    words.push_back(std::string(head.methodText) + (worst.keyed ? " with its key" : "") + " is sent again after " +
                    listed(failuresOf(replays)) + ", to another endpoint where there is one" +
                    (replays.unsent ? "; also where it was not delivered" : ""));
    words.push_back("a body of more than " + config::sizeText(given.retry.bufferBody) +
                    " is not kept, and then nothing is sent again that has begun");
  } else {
    words.push_back(neverAgainText(worst, given, head));
    if (given.retry.idempotencyKey && !worst.keyed && given.retry.limit > 0) {
      if (std::string text = keyText(given.retry); !text.empty()) words.push_back(std::move(text));
    }
  }
  if (worst.delivered > 1 && worst.loadOverBudget) {
    words.push_back(budgetText(given.retry.budget));
  }
  if (worst.hedged) {
    words.push_back("a second try beside a slow one, for " + percentText(given.hedge.percent) + " of the requests");
  }
  return words;
}

std::vector<std::string> guardWords(const policy::PolicySettings& settings, size_t endpoints) {
  std::vector<std::string> words;
  words.push_back(settings.breaker ? breakerText(*settings.breaker) : "breaker: none");
  words.push_back(settings.eject ? ejectText(*settings.eject, endpoints) : "ejection: none");
  words.push_back(limitsText(settings.limits));
  if (settings.mode == policy::Mode::Observe) {
    words.emplace_back("mode: observe: breaker, ejection, budget and hedge only count what they would do");
  }
  return words;
}

}  // namespace outrigger::control::explain
