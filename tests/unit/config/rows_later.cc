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
    {"ProtocolOfTheApp",
     "version: 1\n"
     "app: {port: 8080, protocol: http2}\n",
     "2:19 OR140 `protocol` is not in this version: the app is called with HTTP/1.1"},
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
    {"GrpcHealth",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {kind: grpc}}}\n",
     "2:60 OR140 `kind` `grpc` is not in this version: endpoints are called with HTTP/1.1 [try: kind: one of http, "
     "tcp]"},
    {"UpstreamTls",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {}}}\n",
     "2:45 OR140 `tls` is not in this version: endpoints are called in plain HTTP"},
    {"UpstreamIdentity",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], identity: x}}\n",
     "2:45 OR140 `identity` is not in this version: endpoints are called in plain HTTP"},
    {"Http2",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: http2}}\n",
     "2:55 OR140 `protocol` `http2` is not in this version: endpoints are called with HTTP/1.1 [try: protocol: http1]"},
    {"ProtocolAuto",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: auto}}\n",
     "2:55 OR140 `protocol` `auto` is not in this version: endpoints are called with HTTP/1.1 [try: protocol: http1]"},
    {"Tcp",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp}}\n",
     "2:55 OR140 `protocol` `tcp` is not in this version: endpoints are called with HTTP/1.1 [try: protocol: http1]"},
    {"Zone",
     "version: 1\n"
     "upstreams: {u: {endpoints: [{address: \"10.0.0.1:80\", zone: a}]}}\n",
     "2:54 OR140 `zone` is not in this version: zones are not looked at"},
    {"Tls",
     "version: 1\n"
     "tls: {}\n",
     "2:1 OR140 `tls` is not in this version: listeners speak plain HTTP"},
    {"Identity",
     "version: 1\n"
     "identity: {}\n",
     "2:1 OR140 `identity` is not in this version: listeners speak plain HTTP"},
    {"Access",
     "version: 1\n"
     "access: []\n",
     "2:1 OR140 `access` is not in this version: callers are not told apart"},
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
    {"AccessOfARoute",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"]}}\n"
     "routes:\n"
     "- {to: u, access: {}}\n",
     "4:11 OR140 `access` is not in this version: callers are not told apart"},
};

}  // namespace

std::span<const Row> laterRows() {
  return kRows;
}

}  // namespace outrigger::config
