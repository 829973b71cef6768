#include "config/policy_risks.h"

#include <algorithm>

#include "config/quantity.h"

namespace outrigger::config {
namespace {

// The value at two keys, or an empty node.
Node at(const Node& policy, Bytes map, Bytes key) {
  const Node* outer = policy.find(map);
  const Node* inner = outer == nullptr ? nullptr : outer->find(key);
  return inner == nullptr ? Node() : *inner;
}

bool inFile(const Node& node) {
  return (node.isScalar() || node.isList()) && node.source() == Source::File;
}

// Any method may be tried again after `unsent`: that was never executed.
bool repeatsMoreThanUnsent(const Node& when) {
  return std::ranges::any_of(when.items(), [](const Node& cause) { return !cause.is("unsent"); });
}

void checkMethods(const Node& policy, Diagnostics& diagnostics) {
  const Node methods = at(policy, "retry", "methods");
  if (!inFile(methods) || at(policy, "retry", "limit").is("0")) return;
  if (!repeatsMoreThanUnsent(at(policy, "retry", "when"))) return;
  for (const Node& method : methods.items()) {
    if (!method.is("POST") && !method.is("PATCH")) continue;
    diagnostics.report(Code::RepeatsUnsafe, method.place(),
                       inQuotes(method.text()) + " may be executed twice when it is tried again",
                       "idempotencyKey: idempotency-key, and " + std::string(method.text()) + " not in `methods`");
  }
}

void checkBudget(const Node& policy, Diagnostics& diagnostics) {
  const Node* retry = policy.find("retry");
  const Node budget = retry == nullptr || retry->find("budget") == nullptr ? Node() : *retry->find("budget");
  const Node* percent = budget.find("percent");
  const Node* perSecond = budget.find("minPerSecond");
  if (percent == nullptr || perSecond == nullptr || at(policy, "retry", "limit").is("0")) return;
  const auto share = readPercent(percent->text());
  if (!share || *share != 0 || !perSecond->is("0") || !(inFile(*percent) || inFile(*perSecond))) return;
  diagnostics.report(Code::BudgetForbids, inFile(*percent) ? percent->place() : perSecond->place(),
                     "this budget earns nothing, so that only a failed connect is ever tried again",
                     "percent: 10, or retry: {limit: 0}");
}

void checkPending(const Node& policy, Diagnostics& diagnostics) {
  const Node wait = at(policy, "limits", "pendingTimeout");
  const Node pending = at(policy, "limits", "pending");
  if (!inFile(wait)) return;
  if (pending.is("0") && inFile(pending)) {
    diagnostics.report(Code::NeverFires, wait.place(), "with `pending: 0` nothing ever waits", "pending: 1024");
    return;
  }
  const auto longest = readDuration(wait.text());
  const auto request = readDuration(at(policy, "timeout", "request").text());
  if (!longest || !request || *longest < *request) return;
  diagnostics.report(Code::NeverFires, wait.place(),
                     "`pendingTimeout` is not shorter than `timeout.request`, " + durationText(*request) +
                         ", which ends the request first");
}

// A breaker or an ejection that is on and has nothing left that could set it off.
void checkTriggers(const Node& policy, Bytes map, std::initializer_list<Bytes> triggers, Diagnostics& diagnostics) {
  Node written;
  for (const Bytes trigger : triggers) {
    const Node value = at(policy, map, trigger);
    if (!value.is("none")) return;
    if (inFile(value) && !inFile(written)) written = value;
  }
  if (!inFile(written)) return;
  diagnostics.report(Code::NeverFires, written.place(), "nothing is left that could set " + inQuotes(map) + " off",
                     std::string(map) + ": none");
}

void checkSlowCalls(const Node& policy, Diagnostics& diagnostics) {
  const Node slow = at(policy, "breaker", "slowCall");
  const auto bar = readDuration(slow.text());
  const auto request = readDuration(at(policy, "timeout", "request").text());
  if (!inFile(slow) || !bar || !request || *bar < *request) return;
  diagnostics.report(
      Code::NeverFires, slow.place(),
      "`slowCall` is not shorter than `timeout.request`, " + durationText(*request) + ", which ends the request first");
}

// A second attempt needs a request that may be sent twice, with its body kept.
void checkHedge(const Node& policy, Diagnostics& diagnostics) {
  const Node percent = at(policy, "hedge", "percent");
  const auto share = readPercent(percent.text());
  if (!inFile(percent) || !share || *share == 0) return;
  if (!at(policy, "retry", "idempotencyKey").is("none")) return;
  const Node methods = at(policy, "retry", "methods");
  const auto hasBody = [](const Node& method) { return method.is("PUT") || method.is("POST") || method.is("PATCH"); };
  if (methods.items().empty()) {
    diagnostics.report(Code::NeverFires, percent.place(),
                       "no second attempt is ever sent: `retry.methods` has no method that may be sent twice",
                       "methods: [GET, HEAD]");
  } else if (std::ranges::all_of(methods.items(), hasBody) && at(policy, "retry", "bufferBody").is("0B")) {
    diagnostics.report(Code::NeverFires, percent.place(),
                       "no second attempt is ever sent: its methods have bodies, and `retry.bufferBody` keeps none",
                       "bufferBody: 64KiB");
  }
}

}  // namespace

void reportRisks(const Node& policy, Diagnostics& diagnostics) {
  checkMethods(policy, diagnostics);
  checkBudget(policy, diagnostics);
  checkPending(policy, diagnostics);
  checkTriggers(policy, "breaker", {"consecutive", "errorPercent", "slowPercent"}, diagnostics);
  checkTriggers(policy, "eject", {"consecutive", "errors", "latency"}, diagnostics);
  checkSlowCalls(policy, diagnostics);
  checkHedge(policy, diagnostics);
}

}  // namespace outrigger::config
