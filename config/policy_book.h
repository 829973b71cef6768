// All policies by name, each with everything that it inherits: its own map over that of `extends` (else the user's
// `default`) over the built-in values. Maps merge key by key, lists replace whole. Inside of the loader; one thread.
//
// - `default` stands on the built-in values; it extends nothing else.
// - `inbound` stands on the built-in policy of that name, not on the user's `default`, unless it extends another.
// - A map written over an inherited `none` (of breaker, eject) takes the rest from the built-in values.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/diagnostic.h"
#include "config/node.h"

namespace outrigger::config {

class PolicyBook {
 public:
  /// `builtIn` and `written` are sound maps of policies. Reports names that are unknown, circles, values that
  /// contradict each other, and risks.
  PolicyBook(const Node& builtIn, const Node& written, Diagnostics& diagnostics);

  /// The effective map of a policy; nullptr: unknown.
  const Node* find(Bytes name) const;

  /// Like find(), for a reference in the file: reports it if there is no such policy, else remembers that it is used.
  const Node* use(const Node& reference);

  /// What a route's `override` makes of a policy.
  Node overridden(const Node& policy, const Node& override);

  /// Reports policies of the file that nothing uses.
  void reportUnused();

  /// All of them, for the effective file.
  Node all() const;

 private:
  struct Base {
    std::optional<Node> map;  // known already
    std::string name;         // else: of the policy to look up
  };

  void resolve(const std::string& name);
  Base baseOf(const std::string& name);
  Node ownOf(Bytes name) const;
  Node layered(const Node& base, const Node& own);
  void unknown(const Node& reference);

  Node builtInDefault_;
  Node builtInInbound_;
  std::map<std::string, Node, std::less<>> own_;  // as written
  std::vector<Node::Entry> entries_;              // likewise, in the order of the file
  Diagnostics& diagnostics_;
  std::vector<std::string> order_;  // `default`, `inbound`, then as in the file
  std::map<std::string, Node, std::less<>> effective_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace outrigger::config
