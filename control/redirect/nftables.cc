#include "control/redirect/nftables.h"

namespace outrigger::control::redirect {
namespace {

constexpr const char* kGone =
    "add table inet outrigger\n"
    "delete table inet outrigger\n";
constexpr const char* kInboundHook = "    type nat hook prerouting priority dstnat; policy accept;\n";
constexpr const char* kOutboundHook = "    type nat hook output priority -100; policy accept;\n";
constexpr const char* kSkipIpv4 = "skip_ipv4";
constexpr const char* kSkipIpv6 = "skip_ipv6";

std::string setOf(const std::vector<PortRange>& ranges) {
  std::string text;
  for (const PortRange& range : ranges) text += (text.empty() ? "{ " : ", ") + range.text();
  return text + " }";
}

std::string listenersSet(const std::vector<uint16_t>& ports) {
  std::string elements;
  for (const uint16_t port : ports) elements += (elements.empty() ? "" : ", ") + std::to_string(port);
  if (elements.empty()) return "";
  return "  set " + std::string(kListenersSet) + " {\n    type inet_service\n    elements = { " + elements +
         " }\n  }\n";
}

std::string networkSet(const std::vector<Network>& networks, const char* name, bool ipv6) {
  std::string elements;
  for (const Network& network : networks) {
    if (network.isIpv6() == ipv6) elements += (elements.empty() ? "" : ", ") + network.text();
  }
  if (elements.empty()) return "";
  return "  set " + std::string(name) + " {\n    type " + (ipv6 ? "ipv6_addr" : "ipv4_addr") +
         "\n    flags interval\n    elements = { " + elements + " }\n  }\n";
}

std::string line(const std::string& rule, const char* why) {
  return "    " + rule + " comment \"" + why + "\"\n";
}

// What neither way is redirected.
std::string common(const std::vector<PortRange>& skipped) {
  return line("meta l4proto != tcp return", "TCP only") +
         line("tcp flags & (fin | syn | rst | ack) != syn return", "older than these rules") +
         line("tcp dport " + setOf(skipped) + " return", "our own, DNS, as asked for");
}

std::string redirectTo(uint16_t port) {
  if (port == 0) return "";
  return "    meta l4proto tcp counter redirect to :" + std::to_string(port) + "\n";
}

std::string inboundChain(const Plan& plan) {
  return "  chain inbound {\n" + std::string(kInboundHook) +
         line("iifname \"lo\" return", "from this very machine: the sidecar to the app, the app to itself") +
         line("fib daddr type != local return", "passing through") + common(skippedInbound(plan)) +
         redirectTo(plan.inboundPort) + "  }\n";
}

std::string outboundChain(const Plan& plan) {
  std::string chain = "  chain outbound {\n" + std::string(kOutboundHook);
  chain += line("meta skuid " + std::to_string(plan.uid) + " return", "the sidecar's own");
  chain += line("meta skgid " + std::to_string(plan.gid) + " return", "the sidecar's own");
  chain += line("fib daddr type local return", "to this very machine");
  chain += common(skippedOutbound(plan));
  const auto networks = withoutOverlaps(plan.skipNetworks);
  if (!networkSet(networks, kSkipIpv4, false).empty()) chain += line("ip daddr @skip_ipv4 return", "as asked for");
  if (!networkSet(networks, kSkipIpv6, true).empty()) chain += line("ip6 daddr @skip_ipv6 return", "as asked for");
  return chain + redirectTo(plan.outboundPort) + "  }\n";
}

}  // namespace

std::string nftablesRules(const Plan& plan) {
  const auto networks = withoutOverlaps(plan.skipNetworks);
  std::vector<uint16_t> ports;
  for (const uint16_t port : {plan.inboundPort, plan.outboundPort}) {
    if (port != 0) ports.push_back(port);
  }
  return std::string(kGone) + "table inet " + kTable + " {\n" + listenersSet(ports) +
         networkSet(networks, kSkipIpv4, false) + networkSet(networks, kSkipIpv6, true) + inboundChain(plan) +
         outboundChain(plan) + "}\n";
}

std::string nftablesInert(const std::vector<uint16_t>& ports) {
  const std::string rest = line("ct state new return", "what was redirected goes on") + "  }\n";
  return std::string(kGone) + "table inet " + kTable + " {\n" + listenersSet(ports) + "  chain inbound {\n" +
         kInboundHook + rest + "  chain outbound {\n" + kOutboundHook + rest + "}\n";
}

std::string nftablesGone() {
  return kGone;
}

}  // namespace outrigger::control::redirect
