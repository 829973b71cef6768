// An evaluator of access rules that does what the documentation says, word by word and slowly, and random rules and
// calls to compare others with it. Shares no code with policy/access.
#pragma once

#include <string>
#include <vector>

#include "proxy/base/rng.h"
#include "proxy/policy/settings.h"

namespace outrigger::test {

struct RandomCall {
  std::string identity;  ///< empty: none was verified
  std::string method;
  std::string path;
};

struct ReferenceDecision {
  bool allowed;
  std::string rule;
};

inline std::vector<std::string> segmentsOf(const std::string& text) {
  std::vector<std::string> segments;
  size_t begin = 0;
  for (size_t slash = text.find('/'); slash != std::string::npos; slash = text.find('/', begin)) {
    segments.push_back(text.substr(begin, slash - begin));
    begin = slash + 1;
  }
  segments.push_back(text.substr(begin));
  return segments;
}

inline bool beginsWith(const std::vector<std::string>& whole, const std::vector<std::string>& front) {
  if (front.size() > whole.size()) return false;
  for (size_t i = 0; i < front.size(); ++i) {
    if (front[i] != whole[i]) return false;
  }
  return true;
}

inline bool identityFits(const policy::AccessRule& rule, const std::string& identity) {
  if (rule.identities.empty()) return true;
  for (const std::string& one : rule.identities) {
    if (one == identity) return true;
    std::vector<std::string> front = segmentsOf(one);
    if (front.back() != "*") continue;
    front.pop_back();
    const std::vector<std::string> whole = segmentsOf(identity);
    if (whole.size() > front.size() && beginsWith(whole, front)) return true;
  }
  return false;
}

inline bool pathFits(const policy::AccessRule& rule, const std::string& path) {
  if (rule.path) return path == *rule.path;
  if (!rule.prefix || *rule.prefix == "/") return true;
  return beginsWith(segmentsOf(path), segmentsOf(*rule.prefix));
}

inline bool methodFits(const policy::AccessRule& rule, const std::string& method) {
  if (rule.methods.empty()) return true;
  for (const std::string& one : rule.methods) {
    if (one == method) return true;
  }
  return false;
}

inline ReferenceDecision referenceDecision(const policy::AccessSettings& settings, const RandomCall& call) {
  for (const policy::AccessRule& rule : settings.rules) {
    if (identityFits(rule, call.identity) && methodFits(rule, call.method) && pathFits(rule, call.path)) {
      return {rule.allow, rule.name};
    }
  }
  return {settings.allowByDefault, ""};
}

inline std::string pick(Rng& rng, std::initializer_list<const char*> texts) {
  return *(texts.begin() + rng.below(texts.size()));
}

// Few and similar texts, so that rules meet calls, and nearly meet them.
inline std::string randomIdentity(Rng& rng) {
  std::string identity = "spiffe://" + pick(rng, {"a", "a.b", "b"});
  const uint64_t depth = 1 + rng.below(3);
  for (uint64_t i = 0; i < depth; ++i) identity += "/" + pick(rng, {"n", "ns", "x"});
  return identity;
}

inline std::string randomPath(Rng& rng) {
  std::string path;
  const uint64_t depth = rng.below(4);
  for (uint64_t i = 0; i < depth; ++i) path += "/" + pick(rng, {"v", "v1", "x"});
  return path.empty() ? "/" : path;
}

inline std::string randomMethod(Rng& rng) {
  return pick(rng, {"GET", "GET", "POST", "DELETE", "PURGE", "MOVE"});
}

inline policy::AccessRule randomRule(Rng& rng, size_t number) {
  policy::AccessRule rule;
  rule.name = "rule-" + std::to_string(number);
  const uint64_t identities = rng.below(4);
  for (uint64_t i = 0; i < identities; ++i) {
    rule.identities.push_back(rng.chance(0.4) ? randomIdentity(rng) + "/*" : randomIdentity(rng));
    if (rng.chance(0.2)) rule.identities.back() = "spiffe://" + pick(rng, {"a", "b"}) + "/*";
  }
  if (rng.chance(0.5)) rule.methods = {randomMethod(rng), randomMethod(rng)};
  if (rng.chance(0.5)) {
    (rng.chance(0.5) ? rule.path : rule.prefix) = randomPath(rng);
  }
  rule.allow = rng.chance(0.5);
  return rule;
}

inline policy::AccessSettings randomAccess(Rng& rng) {
  policy::AccessSettings settings;
  settings.allowByDefault = rng.chance(0.5);
  const uint64_t rules = rng.below(12);
  for (uint64_t i = 0; i < rules; ++i) settings.rules.push_back(randomRule(rng, i + 1));
  return settings;
}

inline RandomCall randomCall(Rng& rng) {
  RandomCall call;
  if (rng.chance(0.8)) call.identity = randomIdentity(rng);
  call.method = randomMethod(rng);
  call.path = randomPath(rng);
  if (call.path != "/" && rng.chance(0.1)) call.path += "/";
  return call;
}

}  // namespace outrigger::test
