// What the operator said, compiled: routes, filters, upstream settings. Immutable and shared by all workers; a reload
// builds a new one beside it. What was learned lives elsewhere, in upstream::Cluster.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "proxy/exchange/filter_chain.h"
#include "proxy/exchange/trace_context.h"
#include "proxy/http/h1/head_reader.h"
#include "proxy/policy/access.h"
#include "proxy/policy/router.h"
#include "proxy/upstream/cluster_settings.h"

namespace outrigger::exchange {

/// One of the upstreams of a route.
struct RouteTarget {
  uint32_t cluster = 0;  ///< index into Snapshot::clusters
  uint32_t weight = 1;
  uint32_t series = 0;      ///< index of its metrics::RequestSeries
  uint32_t state = 0;       ///< index into Snapshot::routeStates
  bool perAppPort = false;  ///< cluster and state are those of the app's first port; those of the others stand behind
  policy::TimeoutSettings timeout;
  bool timeoutForGrpc = false;  ///< the route has a `timeout.request` of its own, which gRPC calls obey as well
  policy::RetrySettings retry;
  policy::HedgeSettings hedge;
};

/// A copy of some requests goes there as well; nobody waits for the answer.
struct Mirror {
  uint32_t cluster = 0;  ///< index into Snapshot::clusters; one of its own, which shares nothing with the upstream's
  uint32_t state = 0;    ///< index into Snapshot::routeStates
  double share = 1;      ///< of the requests, more than 0 to 1
};

/// What is learned of one route to one upstream belongs to this pair.
struct RouteStateKey {
  std::string route;
  uint32_t cluster = 0;
};

struct Forward {
  std::vector<RouteTarget> targets;  ///< at least one
  uint32_t totalWeight = 1;
  std::optional<std::string> rewritePrefix;
  size_t matchedPrefix = 0;  ///< octets of the path that rewritePrefix replaces
  std::optional<std::string> rewriteHost;
  std::optional<Mirror> mirror;
};

/// Sends the caller elsewhere. Parts that are not given stay as they were.
struct Redirect {
  uint16_t status = 302;
  std::string scheme = "http";
  std::optional<std::string> host;
  std::optional<std::string> path;
  std::optional<std::string> prefix;
  size_t matchedPrefix = 0;
};

/// Answers by itself.
struct Respond {
  uint16_t status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct Route {
  std::string name;
  std::string host;         ///< that it matches, or `.suffix`; empty: any
  std::string path = "/*";  ///< that it matches: the path, PREFIX/*, or the regular expression
  std::variant<Forward, Redirect, Respond> action;
  std::vector<std::shared_ptr<const Filter>> filters;
  uint32_t series = 0;  ///< of what ends before an upstream was chosen
};

/// Where a listener's connections go that are not HTTP.
struct TunnelTarget {
  uint32_t cluster = 0;  ///< index into Snapshot::clusters
  uint32_t state = 0;    ///< index into Snapshot::routeStates
  uint32_t series = 0;   ///< index of its metrics::TunnelSeries
};

/// One of the app's ports.
struct AppPort {
  std::string role;                    ///< of its listener (server::ListenerRole::upstream); empty: the first one's
  uint16_t port = 0;                   ///< where connections were going that the kernel redirects to us
  std::optional<TunnelTarget> tunnel;  ///< nullopt: nothing but HTTP is taken
};

/// What no route names goes where it was going, or asks to go.
struct Passage {
  std::shared_ptr<const upstream::ClusterSettings> cluster;  ///< without endpoints: each destination has its own
  Route route;                                               ///< its one target's cluster and state mean nothing
  uint32_t tunnelSeries = 0;                                 ///< index of its metrics::TunnelSeries
};

/// What may arrive at a listener.
struct ReceptionSettings {
  std::shared_ptr<const TlsServerSettings> tls{};  ///< nullptr: TLS is not taken
  bool tlsOnly = false;                            ///< what is not TLS is refused
  bool plainProbes = false;                        ///< beside tlsOnly: in plain, health probes are taken
  bool proxyHeader = false;                        ///< each connection begins with a PROXY protocol header
  /// Tcp: nothing is looked at, the bytes are passed on; Auto: so is what is not HTTP; else all must be HTTP, in either
  /// version.
  Protocol protocol = Protocol::Auto;
};

enum class AccessLog : uint8_t { All, Errors, None };

struct Snapshot {
  std::unique_ptr<const policy::Router> router;
  std::vector<Route> routes;  ///< by the router's numbers
  std::vector<std::shared_ptr<const upstream::ClusterSettings>> clusters;
  std::vector<RouteStateKey> routeStates;
  ReceptionSettings inbound;
  std::unique_ptr<const policy::AccessTable> access;  ///< of inbound calls; nullptr: everybody may call
  uint32_t appSeries = 0;                             ///< with `access`: index of the app's metrics::UpstreamSeries
  std::string identity;                               ///< our own SPIFFE ID; empty: we know none
  /// For listeners that belong to one upstream: its own route, by name.
  std::vector<std::pair<std::string, uint32_t>> upstreamRoutes;
  /// For the same listeners; where there is none, nothing but HTTP is taken.
  std::vector<std::pair<std::string, TunnelTarget>> upstreamTunnels;
  std::vector<AppPort> appPorts;

  std::vector<std::string> probes;  ///< paths of the app's health probes, which take this route past everything
  std::optional<Route> probeRoute;

  /// By direction; nullptr: what no route names is refused.
  std::array<std::unique_ptr<const Passage>, kDirectionCount> passages;
  /// Upstreams for redirected connections that are not HTTP, by the address of an endpoint.
  std::unordered_map<std::string, TunnelTarget> tunnelsByAddress;
  std::vector<uint16_t> opaquePorts;  ///< ascending; redirected connections to these are passed on without a look

  std::array<uint32_t, kDirectionCount> unroutedSeries{};  ///< of requests that no route takes
  AccessLog accessLog = AccessLog::Errors;
  std::vector<std::string> loggedHeaders;  ///< lower case
  uint64_t loggedShare = kAllTraces;       ///< of ordinary requests, by their traces; with AccessLog::All
  bool logsTargets = false;                ///< records show host and path as they came, else as the route names them

  std::optional<TraceRule> traces;  ///< nullopt: no spans are recorded

  /// nullptr: there is none.
  const Route* probe() const { return probeRoute ? &*probeRoute : nullptr; }
};

}  // namespace outrigger::exchange
