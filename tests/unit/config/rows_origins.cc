// Where endpoints and the app are, and what is redirected to us.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"TwoOrigins",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], dns: a.b, port: 80}}\n",
     "2:45 OR132 `endpoints` and `dns` of an upstream exclude each other"},
    {"DnsAndKubernetes",
     "version: 1\n"
     "upstreams: {u: {dns: a.b, port: 80, kubernetes: {service: a, port: 80}}}\n",
     "2:37 OR132 `dns` and `kubernetes` of an upstream exclude each other"},
    {"NameWithoutPort",
     "version: 1\n"
     "upstreams: {u: {dns: ledger.shop}}\n",
     "2:17 OR121 a name needs the port of its endpoints beside it [try: port: 8080]"},
    {"ServiceRecordWithPort",
     "version: 1\n"
     "upstreams: {u: {dns: _http._tcp.ledger.shop, port: 80}}\n",
     "2:46 OR132 SRV records tell the ports of this name"},
    {"PortWithoutName",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], port: 80}}\n",
     "2:45 OR132 `port` means nothing without `dns`"},
    {"NameWithPort",
     "version: 1\n"
     "upstreams: {u: {dns: \"ledger.shop:80\", port: 80}}\n",
     "2:22 OR130 `dns` needs a name alone: the port has a key of its own [try: dns: ledger.shop]"},
    {"AddressAsName",
     "version: 1\n"
     "upstreams: {u: {dns: 10.0.0.1, port: 80}}\n",
     "2:22 OR130 `dns` is an address, which needs no look-up: it stands in `endpoints`"},
    {"KubernetesWithoutPort",
     "version: 1\n"
     "upstreams: {u: {kubernetes: {service: a}}}\n",
     "2:29 OR121 a service of Kubernetes needs the key `port` [try: port: 8080]"},
    {"KubernetesUpperCase",
     "version: 1\n"
     "upstreams: {u: {kubernetes: {service: Payments, port: http}}}\n",
     "2:39 OR130 `service` is in lower case in Kubernetes [try: service: payments]"},
    {"KubernetesPort",
     "version: 1\n"
     "upstreams: {u: {kubernetes: {service: a, port: 70000}}}\n",
     "2:48 OR130 `port` needs a port from 1 to 65535, or the name of one, such as http"},
    {"PortsAndPort",
     "version: 1\n"
     "app: {ports: [{listen: \"[::]:15106\", port: 8080}], port: 1}\n",
     "2:14 OR132 `port` and `ports` of the app exclude each other"},
    {"PortsAndInbound",
     "version: 1\n"
     "listen: {inbound: \"[::]:15107\"}\n"
     "app: {ports: [{listen: \"[::]:15106\", port: 8080}]}\n",
     "2:10 OR132 with `ports`, each port of the app says where it listens"},
    {"TwoPortsListenAtOnePlace",
     "version: 1\n"
     "app: {ports: [{listen: \"[::]:15106\", port: 8080}, {listen: \"[::]:15106\", port: 8081}]}\n",
     "2:60 OR208 `app.ports[1].listen` would open the same address as `app.ports[0].listen` ([::]:15106, line 2)"},
    {"OnePortOfTheAppTwice",
     "version: 1\n"
     "app: {ports: [{listen: \"[::]:15106\", port: 8080}, {listen: \"[::]:15107\", port: 8080}]}\n",
     "2:51 OR210 the port 8080 of the app stands here twice"},
    {"ReservedForStrangers",
     "version: 1\n"
     "upstreams: {passthrough: {endpoints: [\"10.0.0.1:80\"]}}\n",
     "2:13 OR205 `passthrough` is what goes to hosts that no upstream names [try: another name for this upstream]"},
    {"Probe",
     "version: 1\n"
     "app: {port: 8080, probes: [healthz]}\n",
     "2:28 OR130 an item of `probes` needs a path that begins with / [try: /healthz]"},
    {"Cidr",
     "version: 1\n"
     "redirect: {enabled: true, skipCidrs: [10.0.0.0]}\n",
     "2:39 OR130 an item of `skipCidrs` needs its length in bits [try: 10.0.0.0/32]"},
    {"Unknown",
     "version: 1\n"
     "outbound: {unknown: pass}\n",
     "2:21 OR129 `unknown` knows the words refuse, passthrough, not `pass`"},
};

}  // namespace

std::span<const Row> originRows() {
  return kRows;
}

}  // namespace outrigger::config
