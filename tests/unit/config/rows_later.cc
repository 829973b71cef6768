// What belongs to the format and not to this version.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"Probes",
     "version: 1\n"
     "app: {port: 8080, probes: [/healthz]}\n",
     "2:19 OR140 `probes` is not in this version: health probes of the app pass like other requests"},
    {"Ports",
     "version: 1\n"
     "app: {ports: [{listen: \"[::]:15106\", port: 8080}], port: 1}\n",
     "2:7 OR140 `ports` is not in this version: there is one inbound listener"},
    {"Dns",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], dns: a.b}}\n",
     "2:45 OR140 `dns` is not in this version: names are not looked up; list the endpoints"},
    {"PortOfAnUpstream",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], port: 80}}\n",
     "2:45 OR140 `port` is not in this version: names are not looked up; each endpoint has its own port"},
    {"DnsInsteadOfEndpoints",
     "version: 1\n"
     "upstreams: {u: {dns: ledger.shop, port: 80}}\n",
     "2:16 OR121 an upstream needs the key `endpoints` [try: endpoints: [\"10.0.0.7:8080\"]]\n"
     "2:17 OR140 `dns` is not in this version: names are not looked up; list the endpoints\n"
     "2:35 OR140 `port` is not in this version: names are not looked up; each endpoint has its own port"},
    {"Kubernetes",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], kubernetes: {service: a}}}\n",
     "2:45 OR140 `kubernetes` is not in this version: EndpointSlices are not watched; list the endpoints"},
    {"Zone",
     "version: 1\n"
     "upstreams: {u: {endpoints: [{address: \"10.0.0.1:80\", zone: a}]}}\n",
     "2:54 OR140 `zone` is not in this version: zones are not looked at"},
    {"Outbound",
     "version: 1\n"
     "outbound: {}\n",
     "2:1 OR140 `outbound` is not in this version: calls to hosts without an upstream get 404"},
    {"RedirectAtTheTop",
     "version: 1\n"
     "redirect: {enabled: true}\n",
     "2:1 OR140 `redirect` is not in this version: connections are not intercepted; let the app call the outbound "
     "listener"},
    {"Tracing",
     "version: 1\n"
     "tracing: {}\n",
     "2:1 OR140 `tracing` is not in this version: spans are not exported; trace headers pass through"},
    {"OpaquePorts",
     "version: 1\n"
     "opaquePorts: [3306]\n",
     "2:1 OR140 `opaquePorts` is not in this version: connections are not intercepted"},
};

}  // namespace

std::span<const Row> laterRows() {
  return kRows;
}

}  // namespace outrigger::config
