// The rules in the kernel, by the programs that know it: nft, or iptables and ip6tables. Blocks; for the verb that does
// one thing and ends. Every error is text for a person, perhaps of several lines.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/redirect/iptables.h"
#include "control/redirect/plan.h"

namespace outrigger::control::redirect {

enum class Backend : uint8_t { Nftables, Iptables };

class Netfilter {
 public:
  /// `folders`: where the programs are looked for.
  explicit Netfilter(std::vector<std::string> folders) : folders_(std::move(folders)) {}

  /// nftables where nft is; else iptables; nullopt: neither is installed.
  std::optional<Backend> backend() const;

  /// Loads the rules, instead of those that an earlier call has loaded by whichever program.
  std::expected<void, std::string> apply(const Plan& plan, Backend backend) const;
  /// With what there is: by iptables where nftables is missing, or the kernel cannot do it (`warning` then says so).
  struct Applied {
    Backend backend = Backend::Nftables;
    std::string warning{};
  };
  std::expected<Applied, std::string> applyByAny(const Plan& plan) const;

  struct Removed {
    bool any = false;   ///< there was something
    bool left = false;  ///< rules that do nothing more stay, for connections that were redirected and are open
    std::optional<size_t> connections{};  ///< how many; nullopt: the kernel does not show them
  };
  /// Redirects nothing more, whichever program has loaded it. `now`: open connections may break.
  std::expected<Removed, std::string> remove(bool now) const;

  /// What is loaded, as the programs list it; empty: nothing.
  std::expected<std::string, std::string> show() const;

 private:
  std::expected<std::string, std::string> run(const std::string& program, const std::vector<std::string>& arguments,
                                              const std::string& input) const;
  bool succeeds(const std::string& program, const std::vector<std::string>& arguments) const;
  bool has(const std::string& program) const;

  struct Steps {
    std::string inert;  ///< what keeps connections that were redirected, and redirects no more
    std::string gone;
  };
  std::expected<Removed, std::string> removeBy(const std::string& program, const std::vector<std::string>& arguments,
                                               const Steps& steps, const std::vector<uint16_t>& ports, bool now) const;
  Hooked hookedBy(const std::string& program) const;
  std::expected<void, std::string> loadTables(const Plan& plan) const;
  std::expected<Removed, std::string> removeTable(bool now) const;
  std::expected<Removed, std::string> removeAllChains(bool now) const;
  std::expected<Removed, std::string> removeChains(const std::string& program, bool now) const;
  std::expected<std::string, std::string> showChains(const std::string& program) const;

  std::vector<std::string> folders_;
};

/// The rules as text, as `apply` would load them on a machine where none are.
std::string rulesText(const Plan& plan, Backend backend);

}  // namespace outrigger::control::redirect
