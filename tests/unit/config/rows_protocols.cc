// Protocols of the app and of upstreams: what may go where.
#include "tests/unit/config/rows.h"

namespace outrigger::config {
namespace {

constexpr Row kRows[] = {
    {"ProtocolOfTheApp",
     "version: 1\n"
     "app: {port: 8080, protocol: http2, proxyProtocol: required}\n",
     ""},
    {"ProtocolOfTheAppMisspelled",
     "version: 1\n"
     "app: {port: 8080, protocol: h2}\n",
     "2:29 OR129 `protocol` knows the words http1, http2, auto, tcp, not `h2`"},
    {"ProxyProtocolOfTheAppInAVersion",
     "version: 1\n"
     "app: {port: 8080, proxyProtocol: v2}\n",
     "2:34 OR129 `proxyProtocol` knows the words none, required, not `v2`"},
    {"ProxyProtocolOfTheAppTrue",
     "version: 1\n"
     "app: {port: 8080, proxyProtocol: true}\n",
     "2:34 OR129 `proxyProtocol` knows the words none, required, not `true`"},
    {"Http2",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: http2}}\n",
     ""},
    {"ProtocolAuto",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: auto}}\n",
     ""},
    {"ProtocolHttps",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: https}}\n",
     "2:55 OR129 `protocol` knows the words http1, http2, auto, tcp, not `https` [try: protocol: http1]"},
    {"ProxyProtocol",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], proxyProtocol: v2}}\n",
     ""},
    {"ProxyProtocolV1",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], proxyProtocol: v1, protocol: http2}}\n",
     ""},
    {"ProxyProtocolNumber",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], proxyProtocol: 2}}\n",
     "2:60 OR129 `proxyProtocol` knows the words none, v1, v2, not `2` [try: proxyProtocol: v2]"},
    {"ProxyProtocolOff",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], proxyProtocol: off}}\n",
     "2:60 OR129 `proxyProtocol` knows the words none, v1, v2, not `off` [try: proxyProtocol: none]"},
    {"ProxyProtocolBeforeTls",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], tls: {serverName: u.shop, trust: /ca.crt}, proxyProtocol: v2}}\n",
     "2:103 OR132 `proxyProtocol` and `tls` of an upstream exclude each other"},
    {"Tcp",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp, listen: \"127.0.0.1:15432\"}}\n",
     ""},
    {"TcpWithoutPort",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp}}\n",
     "2:55 OR309 nothing leads to this upstream: with `protocol: tcp` it needs a port of its own [try: listen: "
     "\"127.0.0.1:15432\"]"},
    {"TcpListenNone",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp, listen: none}}\n",
     "2:55 OR309 nothing leads to this upstream: with `protocol: tcp` it needs a port of its own [try: listen: "
     "\"127.0.0.1:15432\"]"},
    {"TcpByConnect",
     "version: 1\n"
     "http: {connect: true}\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp}}\n",
     ""},
    {"TcpAsATarget",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp, listen: \"127.0.0.1:15432\"}}\n"
     "routes:\n"
     "- {to: u}\n",
     "4:8 OR218 a route takes HTTP requests, and `u` has `protocol: tcp` [try: listen: \"127.0.0.1:15432\", at "
     "that upstream, and no route]"},
    {"TcpAmongTargets",
     "version: 1\n"
     "upstreams:\n"
     "  u: {endpoints: [\"10.0.0.1:80\"]}\n"
     "  db: {endpoints: [\"10.0.0.2:80\"], protocol: tcp, listen: \"127.0.0.1:15432\"}\n"
     "routes:\n"
     "- {to: [u, {upstream: db, weight: 0}]}\n",
     "6:12 OR218 a route takes HTTP requests, and `db` has `protocol: tcp` [try: listen: \"127.0.0.1:15432\", at "
     "that upstream, and no route]"},
    {"TcpAsAMirror",
     "version: 1\n"
     "upstreams:\n"
     "  u: {endpoints: [\"10.0.0.1:80\"]}\n"
     "  db: {endpoints: [\"10.0.0.2:80\"], protocol: tcp, listen: \"127.0.0.1:15432\"}\n"
     "routes:\n"
     "- {to: u, mirror: db}\n",
     "6:19 OR218 copies are HTTP requests, and `db` has `protocol: tcp`"},
    {"TcpAppAsATarget",
     "version: 1\n"
     "app: {port: 8080, protocol: tcp}\n"
     "routes:\n"
     "- {match: {direction: inbound}, to: app}\n",
     "4:37 OR218 a route takes HTTP requests, and `app` has `protocol: tcp`"},
    {"TcpApp",
     "version: 1\n"
     "app: {port: 8080, protocol: tcp}\n",
     ""},
    {"GrpcHealth",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: http2, health: {kind: grpc, service: shop.Payments, "
     "host: payments.shop}}}\n",
     ""},
    {"GrpcHealthOfTheServer",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: auto, health: {kind: grpc}}}\n",
     ""},
    {"GrpcHealthOverHttp1",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {kind: grpc}}}\n",
     "2:60 OR132 a gRPC check speaks HTTP/2 [try: protocol: http2, at the upstream]"},
    {"GrpcHealthWithPath",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: http2, health: {kind: grpc, path: /healthz}}}\n",
     "2:83 OR132 `path` means nothing beside `kind: grpc`"},
    {"GrpcHealthBadService",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: http2, health: {kind: grpc, service: \"a b\"}}}\n",
     "2:92 OR130 `service` needs the name of a gRPC service: letters, digits, `.`, `_`, `-`, `/` [try: service: "
     "shop.Payments]"},
    {"HttpHealthOverHttp2",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: http2, health: {path: /up}}}\n",
     "2:70 OR132 an http check speaks HTTP/1.1, and these endpoints speak HTTP/2 [try: kind: grpc, or kind: tcp]"},
    {"HttpHealthWithService",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: auto, health: {service: shop.Payments}}}\n",
     "2:70 OR132 `service` means nothing beside `kind: http`"},
    {"TcpHealthWithService",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], health: {kind: tcp, service: shop.Payments}}}\n",
     "2:65 OR132 `service` means nothing beside `kind: tcp`"},
    {"TcpUpstreamHasTcpHealth",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp, listen: \"127.0.0.1:15432\", health: "
     "{interval: 1s}}}\n",
     ""},
    {"TcpUpstreamWithPath",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp, listen: \"127.0.0.1:15432\", health: {path: "
     "/healthz}}}\n",
     "2:96 OR132 `path` means nothing beside `kind: tcp`"},
    {"TcpUpstreamWithHttpHealth",
     "version: 1\n"
     "upstreams: {u: {endpoints: [\"10.0.0.1:80\"], protocol: tcp, listen: \"127.0.0.1:15432\", health: {kind: "
     "http}}}\n",
     "2:102 OR132 `protocol: tcp` is checked by a connection alone [try: kind: tcp]"},
    {"Streams",
     "version: 1\n"
     "http: {streams: 1000, connect: true}\n",
     ""},
    {"StreamsNone",
     "version: 1\n"
     "http: {streams: none}\n",
     "2:17 OR126 `streams` cannot be none"},
    {"StreamsTooMany",
     "version: 1\n"
     "http: {streams: 1001}\n",
     "2:17 OR131 `streams` is out of its range, 1 to 1000 [try: streams: 1000]"},
    {"StreamsZero",
     "version: 1\n"
     "http: {streams: 0}\n",
     "2:17 OR131 `streams` is out of its range, 1 to 1000 [try: streams: 1]"},
    {"ConnectYes",
     "version: 1\n"
     "http: {connect: yes}\n",
     "2:17 OR129 `connect` is true or false, not `yes` [try: connect: true]"},
};

}  // namespace

std::span<const Row> protocolsRows() {
  return kRows;
}

}  // namespace outrigger::config
