// Who may call the app: the rules of `access`, compiled to a table that finds the first rule that fits without trying
// all. Immutable once it is built, on the control thread; any worker asks it.
//
// Paths are compared as they are sent on, without dot segments and not decoded: who denies by path trusts that the app
// does not take /%61dmin for /admin; who allows by path need not.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "proxy/http/message.h"
#include "proxy/policy/settings.h"

namespace outrigger::policy {

struct AccessDecision {
  bool allowed = true;
  /// The name of the rule that decided, valid as long as the table; empty: no rule fitted, the default did.
  Bytes rule{};
};

class AccessTable {
 public:
  explicit AccessTable(const AccessSettings& settings);

  /// `identity`: the caller's verified SPIFFE ID, or empty. The head's path is the one that is sent on.
  AccessDecision decide(Bytes identity, const http::RequestHead& head) const;
  /// Of a connection whose bytes are not looked at. A rule that asks for a method or a path allows nothing there, and
  /// refuses whomever it could refuse.
  AccessDecision decide(Bytes identity) const;

  Mode mode() const { return mode_; }

 private:
  /// A rule without its identities.
  struct Rule {
    std::string name;
    bool allow = true;
    bool anyMethod = true;
    bool anyPath = true;
    bool wholePath = false;  ///< else `path` is a prefix
    http::MethodSet methods{};
    std::vector<std::string> otherMethods{};
    std::string path{};

    bool takes(const http::RequestHead& head) const;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(Bytes text) const { return std::hash<Bytes>{}(text); }
  };
  using Numbers = std::vector<uint32_t>;  // of rules, ascending
  using ByText = std::unordered_map<std::string, Numbers, TextHash, std::equal_to<>>;

  template <class Fits>
  AccessDecision first(Bytes identity, Fits&& fits) const;

  std::vector<Rule> rules_;
  Numbers anybody_;  // rules that name no identity
  ByText exact_;     // by identity
  ByText below_;     // by the text before the `*`, which ends with a slash
  bool allowByDefault_;
  Mode mode_;
};

}  // namespace outrigger::policy
