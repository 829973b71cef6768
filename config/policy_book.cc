#include "config/policy_book.h"

#include <algorithm>

#include "config/nearest.h"
#include "config/pairs.h"
#include "config/policy_risks.h"

namespace outrigger::config {
namespace {

constexpr Bytes kDefault = "default";
constexpr Bytes kInbound = "inbound";

Node orEmpty(const Node* node) {
  return node == nullptr || !node->isMap() ? Node::map({}, {}) : *node;
}

}  // namespace

PolicyBook::PolicyBook(const Node& builtIn, const Node& written, Diagnostics& diagnostics)
    : builtInDefault_(orEmpty(builtIn.find(kDefault))),
      entries_(written.entries().begin(), written.entries().end()),
      diagnostics_(diagnostics) {
  builtInInbound_ = merge(builtInDefault_, orEmpty(builtIn.find(kInbound)));
  order_ = {std::string(kDefault), std::string(kInbound)};
  for (const Node::Entry& entry : entries_) {
    own_.emplace(entry.key, entry.value);
    if (entry.key != kDefault && entry.key != kInbound) order_.push_back(entry.key);
    checkPairs(entry.value, policyPairs(), diagnostics);
  }
  for (const std::string& name : order_) resolve(name);
  for (const Node::Entry& entry : entries_) reportRisks(effective_[entry.key], diagnostics);
}

// Goes up to the first base that is known, then down again: chains may be long, circles are cut.
void PolicyBook::resolve(const std::string& name) {
  std::vector<std::string> chain;
  std::set<std::string> onChain;
  std::string at = name;
  Node base;
  for (;;) {
    if (const Node* known = find(at)) {
      base = *known;
      break;
    }
    chain.push_back(at);
    onChain.insert(at);
    Base next = baseOf(at);
    if (next.map) {
      base = *next.map;
      break;
    }
    if (onChain.contains(next.name)) {
      const Node* reference = ownOf(at).find("extends");
      diagnostics_.report(Code::ExtendsCycle, reference == nullptr ? Place{} : reference->place(),
                          next.name == at ? inQuotes(at) + " extends itself"
                                          : inQuotes(at) + " extends " + inQuotes(next.name) + ", which extends " +
                                                inQuotes(at) + " in turn");
      base = builtInDefault_;
      break;
    }
    at = next.name;
  }
  for (auto one = chain.rbegin(); one != chain.rend(); ++one) {
    base = layered(base, ownOf(*one));
    effective_[*one] = base;
  }
}

PolicyBook::Base PolicyBook::baseOf(const std::string& name) {
  const Node own = ownOf(name);
  const Node* extends = own.find("extends");
  if (extends != nullptr && extends->isScalar()) {
    const std::string base(extends->text());
    used_.insert(base);
    if (name == kDefault) {
      diagnostics_.report(Code::ExtendsCycle, extends->place(),
                          "`default` cannot extend another policy: all others stand on it");
      return {builtInDefault_, {}};
    }
    if (base == kDefault || base == kInbound || own_.contains(base)) return {std::nullopt, base};
    unknown(*extends);
  }
  if (name == kDefault) return {builtInDefault_, {}};
  if (name == kInbound) return {builtInInbound_, {}};
  return {std::nullopt, std::string(kDefault)};
}

Node PolicyBook::ownOf(Bytes name) const {
  const auto own = own_.find(name);
  return orEmpty(own == own_.end() ? nullptr : &own->second);
}

Node PolicyBook::layered(const Node& base, const Node& own) {
  Node below = without(base, "extends");
  for (const Bytes key : {"breaker", "eject"}) {
    const Node* mine = own.find(key);
    const Node* theirs = below.find(key);
    if (mine == nullptr || !mine->isMap() || (theirs != nullptr && theirs->isMap())) continue;
    below = with(below, key, orEmpty(builtInDefault_.find(key)));
  }
  const Node merged = settleSlowCalls(merge(below, own), own, diagnostics_);
  return settlePairs(merged, own, policyPairs(), diagnostics_);
}

const Node* PolicyBook::find(Bytes name) const {
  const auto found = effective_.find(name);
  return found == effective_.end() ? nullptr : &found->second;
}

const Node* PolicyBook::use(const Node& reference) {
  if (!reference.isScalar()) return find(kDefault);
  const Node* policy = find(reference.text());
  if (policy == nullptr) {
    unknown(reference);
  } else {
    used_.emplace(reference.text());
  }
  return policy;
}

void PolicyBook::unknown(const Node& reference) {
  const std::vector<Bytes> known(order_.begin(), order_.end());
  const auto near = diagnostics_.full() ? std::nullopt : nearest(reference.text(), known);
  diagnostics_.report(Code::UnknownPolicy, reference.place(), "there is no policy " + inQuotes(reference.text()),
                      near ? std::string(*near) : std::string());
}

Node PolicyBook::overridden(const Node& policy, const Node& override) {
  checkPairs(override, policyPairs(), diagnostics_);
  const Node result = layered(policy, override);
  reportRisks(result, diagnostics_);
  return result;
}

void PolicyBook::reportUnused() {
  for (const Node::Entry& entry : entries_) {
    if (entry.key == kDefault || entry.key == kInbound || used_.contains(entry.key)) continue;
    diagnostics_.report(Code::UnusedPolicy, entry.place, "nothing uses the policy " + inQuotes(entry.key),
                        "policy: " + entry.key + ", at an upstream or the app");
  }
}

Node PolicyBook::all() const {
  std::vector<Node::Entry> entries;
  for (const std::string& name : order_) {
    const Node& policy = effective_.find(name)->second;
    entries.push_back({name, policy.place(), policy});
  }
  return Node::map(std::move(entries), {});
}

}  // namespace outrigger::config
