#include "control/redirect/netfilter.h"

#include <fstream>
#include <sstream>

#include "control/redirect/iptables.h"
#include "control/redirect/listing.h"
#include "control/redirect/nftables.h"
#include "control/redirect/program.h"

namespace outrigger::control::redirect {
namespace {

constexpr const char* kNft = "nft";
constexpr const char* kIptables = "iptables";
constexpr const char* kIp6tables = "ip6tables";
const std::vector<std::string> kLoad{"-f", "-"};
const std::vector<std::string> kRestore{"-w", "5", "--noflush"};
constexpr const char* kFamilies[] = {kIptables, kIp6tables};

IpFamily familyOf(const std::string& program) {
  return program == kIptables ? IpFamily::Ipv4 : IpFamily::Ipv6;
}

bool hasIpv6() {
  return std::ifstream("/proc/net/if_inet6").good();
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::optional<std::string> readFile(const char* path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Where the kernel does not show its connections, any may be there.
std::optional<size_t> openConnections(const std::vector<uint16_t>& ports) {
  const auto conntrack = readFile("/proc/net/nf_conntrack");
  if (!conntrack) return std::nullopt;
  const std::string sockets = readFile("/proc/net/tcp").value_or("") + readFile("/proc/net/tcp6").value_or("");
  return redirectedConnections(*conntrack, sockets, ports);
}

Netfilter::Removed together(const Netfilter::Removed& a, const Netfilter::Removed& b) {
  return {a.any || b.any, a.left || b.left, a.left ? a.connections : b.connections};
}

std::vector<std::string> natTable(const char* action, const char* chain) {
  return {"-w", "5", "-t", "nat", action, chain};
}

}  // namespace

std::string rulesText(const Plan& plan, Backend backend) {
  if (backend == Backend::Nftables) return nftablesRules(plan);
  return "# iptables-restore --noflush\n" + iptablesRules(plan, IpFamily::Ipv4, {}) +
         "# ip6tables-restore --noflush\n" + iptablesRules(plan, IpFamily::Ipv6, {});
}

// ---- Programs

bool Netfilter::has(const std::string& program) const {
  return findProgram(program, folders_).has_value();
}

std::expected<std::string, std::string> Netfilter::run(const std::string& program,
                                                       const std::vector<std::string>& arguments,
                                                       const std::string& input) const {
  const auto path = findProgram(program, folders_);
  if (!path) return std::unexpected(program + " is not installed");
  std::vector<std::string> command{*path};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto outcome = runProgram(command, input);
  if (!outcome) return std::unexpected(outcome.error());
  if (outcome->exitCode != 0) {
    return std::unexpected(program + " failed: " + trimmed(outcome->err.empty() ? outcome->out : outcome->err));
  }
  return outcome->out;
}

bool Netfilter::succeeds(const std::string& program, const std::vector<std::string>& arguments) const {
  return run(program, arguments, "").has_value();
}

std::optional<Backend> Netfilter::backend() const {
  if (has(kNft)) return Backend::Nftables;
  if (has(kIptables)) return Backend::Iptables;
  return std::nullopt;
}

// ---- Loading

std::expected<void, std::string> Netfilter::apply(const Plan& plan, Backend backend) const {
  if (backend == Backend::Iptables) {
    const auto loaded = loadTables(plan);
    if (!loaded) return loaded;
    const auto other = has(kNft) ? removeTable(false) : Removed{};
    return other ? std::expected<void, std::string>() : std::unexpected(other.error());
  }
  const auto loaded = run(kNft, kLoad, nftablesRules(plan));
  if (!loaded) return std::unexpected(loaded.error());
  const auto other = removeAllChains(false);
  return other ? std::expected<void, std::string>() : std::unexpected(other.error());
}

std::expected<Netfilter::Applied, std::string> Netfilter::applyByAny(const Plan& plan) const {
  const bool hasOther = has(kIptables);
  if (has(kNft)) {
    const auto byNft = apply(plan, Backend::Nftables);
    if (byNft) return Applied{};
    if (!hasOther || succeeds(kNft, {"list", "table", "inet", kTable})) return std::unexpected(byNft.error());
    const auto byTables = apply(plan, Backend::Iptables);
    if (!byTables) return std::unexpected(byNft.error() + "; " + byTables.error());
    return Applied{Backend::Iptables, byNft.error() + "; iptables was taken instead"};
  }
  const auto byTables = apply(plan, Backend::Iptables);
  if (!byTables) return std::unexpected(byTables.error());
  return Applied{Backend::Iptables};
}

// All or nothing: half of a redirection would be one family that works and one that does not.
std::expected<void, std::string> Netfilter::loadTables(const Plan& plan) const {
  for (const std::string program : kFamilies) {
    if (program == kIp6tables && !hasIpv6()) continue;
    const auto rules = iptablesRules(plan, familyOf(program), hookedBy(program));
    const auto loaded = run(program + "-restore", kRestore, rules);
    if (loaded) continue;
    for (const std::string other : kFamilies) {
      if (has(other)) static_cast<void>(removeChains(other, true));
    }
    return std::unexpected(loaded.error() + "; nothing is redirected by iptables");
  }
  return {};
}

Hooked Netfilter::hookedBy(const std::string& program) const {
  const auto hook = [&](const char* builtIn, const char* ours) {
    auto arguments = natTable("-C", builtIn);
    arguments.insert(arguments.end(), {"-p", "tcp", "-j", ours});
    return succeeds(program, arguments);
  };
  return {hook("PREROUTING", kInboundChain), hook("OUTPUT", kOutboundChain)};
}

// ---- Taking away

std::expected<Netfilter::Removed, std::string> Netfilter::remove(bool now) const {
  Removed removed;
  if (has(kNft)) {
    const auto table = removeTable(now);
    if (!table) return table;
    removed = *table;
  }
  const auto chains = removeAllChains(now);
  if (!chains) return chains;
  return together(removed, *chains);
}

std::expected<Netfilter::Removed, std::string> Netfilter::removeTable(bool now) const {
  const auto listing = run(kNft, {"list", "table", "inet", kTable}, "");
  if (!listing) return Removed{};
  const auto ports = listenerPorts(*listing);
  const Steps steps{.inert = nftablesInert(ports), .gone = nftablesGone()};
  return removeBy(kNft, kLoad, steps, ports, now);
}

std::expected<Netfilter::Removed, std::string> Netfilter::removeAllChains(bool now) const {
  Removed removed;
  for (const std::string program : kFamilies) {
    if (!has(program)) continue;
    const auto chains = removeChains(program, now);
    if (!chains) return chains;
    removed = together(removed, *chains);
  }
  return removed;
}

std::expected<Netfilter::Removed, std::string> Netfilter::removeChains(const std::string& program, bool now) const {
  const auto listing = showChains(program);
  if (!listing || listing->empty()) return Removed{};
  const auto ports = listenerPorts(*listing);
  const Steps steps{.inert = iptablesInert(ports), .gone = iptablesGone(hookedBy(program))};
  return removeBy(program + "-restore", kRestore, steps, ports, now);
}

// First nothing more is redirected; then it is seen whether something still needs the rest.
std::expected<Netfilter::Removed, std::string> Netfilter::removeBy(const std::string& program,
                                                                   const std::vector<std::string>& arguments,
                                                                   const Steps& steps,
                                                                   const std::vector<uint16_t>& ports, bool now) const {
  Removed removed{.any = true};
  if (!now) {
    const auto inert = run(program, arguments, steps.inert);
    if (!inert) return std::unexpected(inert.error());
    removed.connections = openConnections(ports);
    removed.left = removed.connections != 0U;
    if (removed.left) return removed;
  }
  const auto gone = run(program, arguments, steps.gone);
  if (!gone) return std::unexpected(gone.error());
  return removed;
}

// ---- Looking

std::expected<std::string, std::string> Netfilter::show() const {
  std::string all;
  if (has(kNft)) {
    const auto listing = run(kNft, {"list", "table", "inet", kTable}, "");
    if (listing) all += *listing;
  }
  for (const std::string program : kFamilies) {
    if (!has(program)) continue;
    const auto listing = showChains(program);
    if (!listing) return listing;
    all += *listing;
  }
  return all;
}

std::expected<std::string, std::string> Netfilter::showChains(const std::string& program) const {
  std::string all;
  for (const char* chain : {kInboundChain, kOutboundChain}) {
    const auto rules = run(program, natTable("-S", chain), "");
    if (rules) all += *rules;
  }
  if (all.empty()) return all;
  return "# " + program + " -t nat\n" + all;
}

}  // namespace outrigger::control::redirect
