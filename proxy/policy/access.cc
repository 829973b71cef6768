#include "proxy/policy/access.h"

#include <algorithm>

#include "proxy/policy/route_match.h"

namespace outrigger::policy {
namespace {

constexpr Bytes kScheme = "spiffe://";

}  // namespace

AccessTable::AccessTable(const AccessSettings& settings)
    : allowByDefault_(settings.allowByDefault), mode_(settings.mode) {
  for (const AccessRule& rule : settings.rules) {
    const auto number = static_cast<uint32_t>(rules_.size());
    Rule& compiled = rules_.emplace_back(Rule{.name = rule.name, .allow = rule.allow});
    compiled.anyMethod = rule.methods.empty();
    for (const std::string& name : rule.methods) {
      const http::Method method = http::methodOf(name);
      method == http::Method::Other ? compiled.otherMethods.push_back(name) : compiled.methods.add(method);
    }
    compiled.anyPath = !rule.path && !rule.prefix;
    compiled.wholePath = rule.path.has_value();
    compiled.path = rule.path ? *rule.path : rule.prefix.value_or("");
    if (rule.identities.empty()) anybody_.push_back(number);
    for (const std::string& identity : rule.identities) {
      const bool all = identity.ends_with("/*");
      Numbers& numbers = all ? below_[identity.substr(0, identity.size() - 1)] : exact_[identity];
      if (numbers.empty() || numbers.back() != number) numbers.push_back(number);
    }
  }
}

bool AccessTable::Rule::takes(const http::RequestHead& head) const {
  if (!anyMethod) {
    const bool known = head.method != http::Method::Other;
    if (known ? !methods.has(head.method) : std::ranges::find(otherMethods, head.methodText) == otherMethods.end()) {
      return false;
    }
  }
  if (anyPath) return true;
  return wholePath ? head.path == path : prefixTakes(path, head.path);
}

// The least number among the lists that the identity is in and whose rule fits. Each list is looked at only as far as
// it could bring a lesser one.
template <class Fits>
AccessDecision AccessTable::first(Bytes identity, Fits&& fits) const {
  auto best = static_cast<uint32_t>(rules_.size());
  const auto look = [&](const Numbers& numbers) {
    for (const uint32_t number : numbers) {
      if (number >= best) return;
      if (fits(rules_[number])) best = number;
    }
  };
  look(anybody_);
  if (!identity.empty()) {
    if (const auto found = exact_.find(identity); found != exact_.end()) look(found->second);
    for (size_t slash = below_.empty() ? Bytes::npos : identity.find('/', kScheme.size()); slash != Bytes::npos;
         slash = identity.find('/', slash + 1)) {
      if (const auto found = below_.find(identity.substr(0, slash + 1)); found != below_.end()) look(found->second);
    }
  }
  if (best == rules_.size()) return {.allowed = allowByDefault_};
  return {.allowed = rules_[best].allow, .rule = rules_[best].name};
}

AccessDecision AccessTable::decide(Bytes identity, const http::RequestHead& head) const {
  return first(identity, [&](const Rule& rule) { return rule.takes(head); });
}

AccessDecision AccessTable::decide(Bytes identity) const {
  return first(identity, [](const Rule& rule) { return !rule.allow || (rule.anyMethod && rule.anyPath); });
}

}  // namespace outrigger::policy
