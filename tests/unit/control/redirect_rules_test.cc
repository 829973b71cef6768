// The rules as text: what the kernel gets is what a person reviews here.
#include <gtest/gtest.h>

#include "control/redirect/capability.h"
#include "control/redirect/iptables.h"
#include "control/redirect/listing.h"
#include "control/redirect/nftables.h"

namespace outrigger::control::redirect {
namespace {

constexpr const char* kByDefault = R"(add table inet outrigger
delete table inet outrigger
table inet outrigger {
  set listeners {
    type inet_service
    elements = { 15106, 15101 }
  }
  chain inbound {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "lo" return comment "from this very machine: the sidecar to the app, the app to itself"
    fib daddr type != local return comment "passing through"
    meta l4proto != tcp return comment "TCP only"
    tcp flags & (fin | syn | rst | ack) != syn return comment "older than these rules"
    tcp dport { 53, 15100-15190 } return comment "our own, DNS, as asked for"
    meta l4proto tcp counter redirect to :15106
  }
  chain outbound {
    type nat hook output priority -100; policy accept;
    meta skuid 15100 return comment "the sidecar's own"
    meta skgid 15100 return comment "the sidecar's own"
    fib daddr type local return comment "to this very machine"
    meta l4proto != tcp return comment "TCP only"
    tcp flags & (fin | syn | rst | ack) != syn return comment "older than these rules"
    tcp dport { 53, 15100-15190 } return comment "our own, DNS, as asked for"
    meta l4proto tcp counter redirect to :15101
  }
}
)";

TEST(RedirectRules, OfNftablesByDefault) {
  EXPECT_EQ(nftablesRules(Plan{}), kByDefault);
}

Plan fullPlan() {
  Plan plan;
  plan.uid = 1337;
  plan.gid = 1338;
  plan.inboundPort = 9006;
  plan.outboundPort = 9001;
  plan.skipInboundPorts = {{22, 22}, {8000, 8010}, {8005, 8020}};
  plan.skipOutboundPorts = {{3306, 3306}};
  for (const Bytes text : {"10.0.0.0/8", "fd00::/8", "10.1.0.0/16", "192.0.2.7", "fd00::7"}) {
    plan.skipNetworks.push_back(*parseNetwork(text));
  }
  return plan;
}

TEST(RedirectRules, OfNftablesWithEverything) {
  const std::string rules = nftablesRules(fullPlan());
  for (const char* line : {
           "  set listeners {\n    type inet_service\n    elements = { 9006, 9001 }\n  }\n",
           "  set skip_ipv4 {\n    type ipv4_addr\n    flags interval\n    elements = { 10.0.0.0/8, 192.0.2.7/32 }\n  "
           "}\n",
           "  set skip_ipv6 {\n    type ipv6_addr\n    flags interval\n    elements = { fd00::/8 }\n  }\n",
           "    tcp dport { 22, 53, 8000-8020, 9001, 9006, 15100-15190 } return",
           "    tcp dport { 53, 3306, 9001, 9006, 15100-15190 } return",
           "    meta skuid 1337 return",
           "    meta skgid 1338 return",
           "    ip daddr @skip_ipv4 return",
           "    ip6 daddr @skip_ipv6 return",
           "    meta l4proto tcp counter redirect to :9006\n",
           "    meta l4proto tcp counter redirect to :9001\n",
       }) {
    EXPECT_NE(rules.find(line), std::string::npos) << line << "\nis not in\n" << rules;
  }
}

TEST(RedirectRules, AWayWithoutAListenerIsNotRedirected) {
  Plan plan;
  plan.inboundPort = 0;
  const std::string rules = nftablesRules(plan);
  EXPECT_EQ(rules.find("redirect to :0"), std::string::npos);
  EXPECT_NE(rules.find("redirect to :15101"), std::string::npos);
  EXPECT_NE(rules.find("elements = { 15101 }"), std::string::npos);
  EXPECT_EQ(iptablesRules(plan, IpFamily::Ipv4, {}).find("--to-ports 0"), std::string::npos);
}

TEST(RedirectRules, OfIptables) {
  EXPECT_EQ(iptablesRules(fullPlan(), IpFamily::Ipv6, {.inbound = true, .outbound = false}), R"(*nat
:OUTRIGGER_INBOUND - [0:0]
:OUTRIGGER_OUTBOUND - [0:0]
-A OUTRIGGER_INBOUND -i lo -j RETURN
-A OUTRIGGER_INBOUND -m addrtype ! --dst-type LOCAL -j RETURN
-A OUTRIGGER_INBOUND -p tcp ! --syn -j RETURN
-A OUTRIGGER_INBOUND -p tcp --dport 22 -j RETURN
-A OUTRIGGER_INBOUND -p tcp --dport 53 -j RETURN
-A OUTRIGGER_INBOUND -p tcp --dport 8000:8020 -j RETURN
-A OUTRIGGER_INBOUND -p tcp --dport 9001 -j RETURN
-A OUTRIGGER_INBOUND -p tcp --dport 9006 -j RETURN
-A OUTRIGGER_INBOUND -p tcp --dport 15100:15190 -j RETURN
-A OUTRIGGER_INBOUND -p tcp -j REDIRECT --to-ports 9006
-A OUTRIGGER_OUTBOUND -m owner --uid-owner 1337 -j RETURN
-A OUTRIGGER_OUTBOUND -m owner --gid-owner 1338 -j RETURN
-A OUTRIGGER_OUTBOUND -m addrtype --dst-type LOCAL -j RETURN
-A OUTRIGGER_OUTBOUND -p tcp ! --syn -j RETURN
-A OUTRIGGER_OUTBOUND -p tcp --dport 53 -j RETURN
-A OUTRIGGER_OUTBOUND -p tcp --dport 3306 -j RETURN
-A OUTRIGGER_OUTBOUND -p tcp --dport 9001 -j RETURN
-A OUTRIGGER_OUTBOUND -p tcp --dport 9006 -j RETURN
-A OUTRIGGER_OUTBOUND -p tcp --dport 15100:15190 -j RETURN
-A OUTRIGGER_OUTBOUND -d fd00::/8 -j RETURN
-A OUTRIGGER_OUTBOUND -p tcp -j REDIRECT --to-ports 9001
-I OUTPUT -p tcp -j OUTRIGGER_OUTBOUND
COMMIT
)");
  EXPECT_EQ(iptablesGone({.inbound = true, .outbound = false}), R"(*nat
:OUTRIGGER_INBOUND - [0:0]
:OUTRIGGER_OUTBOUND - [0:0]
-D PREROUTING -p tcp -j OUTRIGGER_INBOUND
-X OUTRIGGER_INBOUND
-X OUTRIGGER_OUTBOUND
COMMIT
)");
}

TEST(RedirectRules, WhatOnlyKeepsConnectionsRemembersWhereConnectionsWent) {
  const std::string inert = nftablesInert({15106, 15101});
  EXPECT_EQ(inert.find("redirect to"), std::string::npos);
  EXPECT_EQ(listenerPorts(inert), (std::vector<uint16_t>{15106, 15101}));
  EXPECT_FALSE(redirects(inert));
  EXPECT_TRUE(redirects(nftablesRules(Plan{})));
  const std::string chains = iptablesInert({15106, 15101});
  EXPECT_EQ(listenerPorts(chains), (std::vector<uint16_t>{15106, 15101}));
  EXPECT_FALSE(redirects(chains));
  EXPECT_TRUE(redirects(iptablesRules(Plan{}, IpFamily::Ipv4, {})));
  EXPECT_EQ(listenerPorts(iptablesRules(Plan{}, IpFamily::Ipv4, {})), (std::vector<uint16_t>{15106, 15101}));
  EXPECT_EQ(listenerPorts("table inet outrigger {\n}\n"), std::vector<uint16_t>());
  EXPECT_EQ(listenerPorts(""), std::vector<uint16_t>());
}

TEST(RedirectNetwork, ReadsWhatItWrites) {
  for (const Bytes text : {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.7/32", "fd00::/8", "::/0", "2001:db8::1/128"}) {
    const auto network = parseNetwork(text);
    ASSERT_TRUE(network) << text;
    EXPECT_EQ(network->text(), text);
  }
  EXPECT_EQ(parseNetwork("192.0.2.7")->text(), "192.0.2.7/32");
  EXPECT_EQ(parseNetwork("fd00::7")->text(), "fd00::7/128");
}

TEST(RedirectNetwork, SaysWhatWouldBeRight) {
  EXPECT_EQ(parseNetwork("10.0.0.5/8").error(), "10.0.0.5/8 has bits behind its prefix: try 10.0.0.0/8");
  EXPECT_EQ(parseNetwork("fd12::1/7").error(), "fd12::1/7 has bits behind its prefix: try fc00::/7");
  EXPECT_EQ(parseNetwork("10.0.0.0/33").error(), "10.0.0.0/33: the prefix must be a number from 0 to 32");
  EXPECT_EQ(parseNetwork("fd00::/x").error(), "fd00::/x: the prefix must be a number from 0 to 128");
  for (const Bytes text : {"", "/8", "localhost", "10.0.0/8", "10.0.0.0:80", "[fd00::]/8", "unix:/x"}) {
    ASSERT_FALSE(parseNetwork(text)) << text;
    EXPECT_NE(parseNetwork(text).error().find("try 10.0.0.0/8"), std::string::npos) << parseNetwork(text).error();
  }
}

TEST(RedirectNetwork, OneThatHoldsEverythingIsEnough) {
  std::vector<Network> networks;
  for (const Bytes text : {"10.1.0.0/16", "0.0.0.0/0", "10.1.0.0/16", "fd00::/8"}) {
    networks.push_back(*parseNetwork(text));
  }
  const auto kept = withoutOverlaps(networks);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].text(), "0.0.0.0/0");
  EXPECT_EQ(kept[1].text(), "fd00::/8");
}

TEST(RedirectPorts, AreRangesWithoutOverlaps) {
  EXPECT_EQ(*parsePorts("22"), (PortRange{22, 22}));
  EXPECT_EQ(*parsePorts("8000-8010"), (PortRange{8000, 8010}));
  EXPECT_EQ(parsePorts("8010-8000").error(), "8010-8000 runs backwards: try 8000-8010");
  for (const Bytes text : {"", "0", "65536", "ssh", "1-", "-1", "1-2-3", "0-5"}) {
    ASSERT_FALSE(parsePorts(text)) << text;
    EXPECT_EQ(parsePorts(text).error(), "`" + std::string(text) + "` is no port: try 22 or 8000-8010");
  }
  EXPECT_EQ(merged({{5, 9}, {65535, 65535}, {1, 4}, {7, 20}, {65535, 65535}, {30, 30}}),
            (std::vector<PortRange>{{1, 20}, {30, 30}, {65535, 65535}}));
}

TEST(RedirectListing, CountsOpenConnectionsThatWereSentToUs) {
  const Bytes conntrack =
      "ipv4     2 tcp      6 431999 ESTABLISHED src=10.9.0.1 dst=10.9.0.2 sport=40000 dport=80 src=127.0.0.1 "
      "dst=10.9.0.1 sport=15101 dport=40000 [ASSURED] mark=0 use=1\n"
      "ipv6     10 tcp      6 100 CLOSE_WAIT src=fd00::1 dst=fd00::2 sport=40001 dport=80 src=::1 dst=fd00::1 "
      "sport=15101 dport=40001 [ASSURED] mark=0 use=1\n"
      "ipv4     2 tcp      6 431999 ESTABLISHED src=10.9.0.1 dst=10.9.0.2 sport=40002 dport=80 src=127.0.0.1 "
      "dst=10.9.0.1 sport=15101 dport=40002 [ASSURED] mark=0 use=1\n"
      "ipv4     2 tcp      6 431999 ESTABLISHED src=127.0.0.1 dst=127.0.0.1 sport=40003 dport=15101 src=127.0.0.1 "
      "dst=127.0.0.1 sport=15101 dport=40003 [ASSURED] mark=0 use=1\n"
      "ipv4     2 udp      17 10 src=10.9.0.1 dst=10.9.0.2 sport=40000 dport=53 src=10.9.0.2 dst=10.9.0.1 sport=15101 "
      "dport=40004 mark=0 use=1\n"
      "ipv4     2 tcp      6 300 ESTABLISHED src=10.9.0.1 dst=10.9.0.2 sport=40005 dport=80 src=127.0.0.1 "
      "dst=10.9.0.1 sport=9999 dport=40005";
  const Bytes sockets =  // 3AFD is 15101, 270F is 9999; 9C40 to 9C45 are 40000 to 40005
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:3AFD 00000000:0000 0A 00000000:00000000 00:00000000 00000000 15100        0 1 1\n"
      "   1: 0100007F:3AFD 0109000A:9C40 01 00000000:00000000 00:00000000 00000000 15100        0 2 1\n"
      "   2: 0100007F:3AFD 0109000A:9C42 06 00000000:00000000 00:00000000 00000000     0        0 0 1\n"
      "   3: 0100007F:3AFD 0100007F:9C43 01 00000000:00000000 00:00000000 00000000 15100        0 3 1\n"
      "   4: 0100007F:270F 0109000A:9C45 01 00000000:00000000 00:00000000 00000000 15100        0 4 1\n"
      "  sl  local_address                         remote_address                        st\n"
      "   0: 00000000000000000000000001000000:3AFD 000000FD000000000000000001000000:9C41 08 0:0 00:0 0 15100 0 5 1\n";
  EXPECT_EQ(redirectedConnections(conntrack, sockets, {15106, 15101}), 2U) << "40000 and 40001";
  EXPECT_EQ(redirectedConnections(conntrack, sockets, {9999}), 1U);
  EXPECT_EQ(redirectedConnections(conntrack, sockets, {}), 0U);
  EXPECT_EQ(redirectedConnections(conntrack, "", {15101}), 0U);
  EXPECT_EQ(redirectedConnections("", sockets, {15101}), 0U);
  EXPECT_EQ(redirectedConnections("\n\nwhat is this\n", "\n\nand this : is\n", {15101}), 0U);
}

TEST(RedirectCapability, IsReadFromTheEffectiveSet) {
  EXPECT_TRUE(mayChangeNetwork("Name:\tx\nCapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\n"));
  EXPECT_TRUE(mayChangeNetwork("Name:\tx\nCapEff:\t0000000000001000\n"));
  EXPECT_FALSE(mayChangeNetwork("Name:\tx\nCapEff:\t000001ffffffefff\n"));
  EXPECT_FALSE(mayChangeNetwork("Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000000000\n"));
  EXPECT_TRUE(mayChangeNetwork("Name:\tx\n"));
}

}  // namespace
}  // namespace outrigger::control::redirect
