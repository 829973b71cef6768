#include "control/redirect/iptables.h"

namespace outrigger::control::redirect {
namespace {

// Naming a chain makes it, or empties it.
constexpr const char* kBegin =
    "*nat\n"
    ":OUTRIGGER_INBOUND - [0:0]\n"
    ":OUTRIGGER_OUTBOUND - [0:0]\n";
constexpr const char* kInboundHook = " PREROUTING -p tcp -j OUTRIGGER_INBOUND\n";
constexpr const char* kOutboundHook = " OUTPUT -p tcp -j OUTRIGGER_OUTBOUND\n";

class Chain {
 public:
  explicit Chain(const char* name) : name_(name) {}

  void skip(const std::string& match) { text_ += "-A " + name_ + " " + match + " -j RETURN\n"; }
  void skipAll() { text_ += "-A " + name_ + " -j RETURN\n"; }
  void skip(const std::vector<PortRange>& ports) {
    for (const PortRange& range : ports) skip("-p tcp --dport " + range.text(':'));
  }
  void redirectTo(uint16_t port) {
    if (port == 0) return;
    text_ += "-A " + name_ + " -p tcp -j REDIRECT --to-ports " + std::to_string(port) + "\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace

std::string iptablesRules(const Plan& plan, IpFamily family, Hooked hooked) {
  Chain inbound(kInboundChain);
  inbound.skip("-i lo");
  inbound.skip("-m addrtype ! --dst-type LOCAL");
  inbound.skip("-p tcp ! --syn");
  inbound.skip(skippedInbound(plan));
  inbound.redirectTo(plan.inboundPort);

  Chain outbound(kOutboundChain);
  outbound.skip("-m owner --uid-owner " + std::to_string(plan.uid));
  outbound.skip("-m owner --gid-owner " + std::to_string(plan.gid));
  outbound.skip("-m addrtype --dst-type LOCAL");
  outbound.skip("-p tcp ! --syn");
  outbound.skip(skippedOutbound(plan));
  for (const Network& network : withoutOverlaps(plan.skipNetworks)) {
    if (network.isIpv6() == (family == IpFamily::Ipv6)) outbound.skip("-d " + network.text());
  }
  outbound.redirectTo(plan.outboundPort);

  std::string text = kBegin + inbound.text() + outbound.text();
  if (!hooked.inbound) text += std::string("-I") + kInboundHook;
  if (!hooked.outbound) text += std::string("-I") + kOutboundHook;
  return text + "COMMIT\n";
}

std::string iptablesInert(const std::vector<uint16_t>& ports) {
  std::string text = kBegin;
  for (const char* name : {kInboundChain, kOutboundChain}) {
    Chain chain(name);
    chain.skipAll();
    for (const uint16_t port : ports) chain.redirectTo(port);
    text += chain.text();
  }
  return text + "COMMIT\n";
}

std::string iptablesGone(Hooked hooked) {
  std::string text = kBegin;
  if (hooked.inbound) text += std::string("-D") + kInboundHook;
  if (hooked.outbound) text += std::string("-D") + kOutboundHook;
  return text + "-X " + kInboundChain + "\n-X " + kOutboundChain + "\nCOMMIT\n";
}

}  // namespace outrigger::control::redirect
