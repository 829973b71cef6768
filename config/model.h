// What the operator says, as plain structs: everything is checked, resolved and effective. Immutable after load; any
// thread. `nullopt` is `none` unless a member says otherwise. No YAML but the Node of each filter, whose schema the
// filter itself brings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/node.h"
#include "proxy/base/address.h"
#include "proxy/base/protocol.h"
#include "proxy/base/tls.h"
#include "proxy/policy/route_match.h"
#include "proxy/policy/settings.h"

namespace outrigger::config {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct ListenModel {
  std::optional<Address> inbound;  ///< nullopt without an app, too
  std::optional<Address> outbound;
  std::optional<Address> admin;
  std::optional<Address> telemetry;
};

/// Who this workload is: paths of PEM files.
struct IdentityModel {
  std::string cert;  ///< leaf first, then its chain
  std::string key;
  std::string trust;  ///< authorities that other workloads are verified against
  Place place;
};

/// How callers reach the inbound listener.
struct AppTlsModel {
  enum class Mode : uint8_t { None, Permissive, Strict };  ///< plain only; TLS and plain on one port; TLS only
  Mode mode = Mode::None;
  TlsServerSettings::Clients clients = TlsServerSettings::Clients::Optional;
  Place place;
};

/// How the endpoints of an upstream are called.
struct UpstreamTlsModel {
  enum class Mode : uint8_t { Simple, Mutual };  ///< Mutual: our identity is shown
  Mode mode = Mode::Simple;
  std::string serverName;               ///< empty: only with `identities`
  std::string trust;                    ///< path of a PEM file; empty: that of the identity
  std::vector<std::string> identities;  ///< SPIFFE IDs, of which the peer must have one; empty: by serverName
  Place place;
};

/// A further port of the app, with an inbound listener of its own.
struct AppPortModel {
  Address listen;
  Address address;
  Place place;
};

/// The app beside us.
struct AppModel {
  Address address;
  std::vector<AppPortModel> morePorts;  ///< beside `address`, which belongs to `listen.inbound`
  std::vector<std::string> probes;      ///< paths of its health probes: they pass without policies
  std::string policy;                   ///< the name of its policy
  policy::PolicySettings settings;
  AppTlsModel tls;
  Protocol protocol = Protocol::Auto;
  bool proxyProtocol = false;  ///< every inbound connection begins with a PROXY protocol header
  Place place;
};

/// The downstream side of HTTP.
struct HttpModel {
  uint32_t headBytes = 0;
  uint32_t headFields = 0;
  uint32_t targetBytes = 0;
  Duration headTimeout{};             ///< from the first octet of a head to its last
  std::optional<Duration> keepAlive;  ///< how long an idle connection is kept
  std::optional<Duration> maxAge;     ///< of a connection; nullopt: none, and an hour where there is TLS
  uint32_t streams = 100;             ///< of one HTTP/2 connection at a time
  bool connect = false;               ///< CONNECT to a known upstream makes a tunnel (outbound)
};

struct LogModel {
  enum class Level : uint8_t { Debug, Info, Warn, Error };
  enum class Access : uint8_t { All, Errors, None };
  enum class Path : uint8_t { Route, Full };  ///< host and path as the route names them; as they came
  Level level = Level::Info;
  Access access = Access::Errors;
  double sample = 100;  ///< with All, percent of the ordinary requests
  Path path = Path::Route;
  std::vector<std::string> headers;  ///< of the request, in access records; lower case
};

/// Where spans go, by OTLP/HTTP.
struct TracingModel {
  bool secure = false;  ///< https
  std::string host;     ///< a DNS name or an IP address without brackets
  uint16_t port = 0;
  std::string path;
  std::string trust;                   ///< path of a PEM file; empty: only without TLS
  std::optional<std::string> service;  ///< nullopt: auto
  double percent = 1;                  ///< of the traces that begin here
  Place place;
};

struct MetricsModel {
  uint32_t maxSeries = 0;
  std::optional<std::vector<Duration>> buckets;  ///< upper bounds, ascending; nullopt: auto
};

struct ShutdownModel {
  Duration lameDuck{};
  Duration grace{};
};

struct AdminModel {
  bool actions = false;
};

/// What becomes of the app's calls to hosts that no route names.
struct OutboundModel {
  enum class Unknown : uint8_t { Refuse, Passthrough };
  std::optional<Unknown> unknown;  ///< nullopt: passed through in redirect mode, else refused
};

/// Connections are redirected to us by the kernel, and where they were going tells what becomes of them.
struct InterceptModel {
  bool enabled = false;
  std::vector<uint16_t> skipPorts;     ///< destinations that are left alone
  std::vector<std::string> skipCidrs;  ///< likewise
};

struct EndpointModel {
  Address address;
  Address dial;  ///< where it is called: the same, or its sidecar
  uint32_t weight = 1;
  Place place;
};

/// Endpoints that are looked up in the DNS.
struct DnsModel {
  std::string name;   ///< lower case
  uint16_t port = 0;  ///< of every endpoint; 0: SRV records of the name tell it
  bool operator==(const DnsModel&) const = default;
};

/// Endpoints that Kubernetes tells of.
struct KubernetesModel {
  std::string service;
  std::string nameSpace;  ///< empty: that of our own pod
  std::string portName;   ///< of the service's ports; empty: `port`
  uint16_t port = 0;
  bool operator==(const KubernetesModel&) const = default;
};

struct UpstreamModel {
  std::string name;
  std::vector<EndpointModel> endpoints;  ///< at least one, unless one of the next two tells them
  std::optional<DnsModel> dns;
  std::optional<KubernetesModel> kubernetes;
  std::string policy;  ///< the name of its policy
  policy::PolicySettings settings;
  policy::BalanceSettings balance;
  std::optional<policy::HealthSettings> health;  ///< nullopt: endpoints are judged by traffic alone
  std::optional<Duration> slowStart;    ///< in which an endpoint that is new or was unhealthy grows to its full share
  bool sidecar = false;                 ///< an Outrigger stands before each endpoint: its marks are believed
  std::optional<uint16_t> sidecarPort;  ///< where that listens, if not at the endpoint's own port
  std::optional<Address> listen;        ///< all that arrives there goes to this upstream
  Protocol protocol = Protocol::Http1;
  std::optional<UpstreamTlsModel> tls;                                ///< nullopt: plain
  policy::ProxyProtocol proxyProtocol = policy::ProxyProtocol::None;  ///< what each connection begins with
  Place place;
};

/// Where a route sends its requests.
struct TargetModel {
  std::optional<size_t> upstream;  ///< its number in Model::upstreams; nullopt: the app
  uint32_t weight = 1;
  policy::TimeoutSettings timeout;  ///< with the route's `override`
  bool ownRequestTimeout = false;   ///< the `override` says `timeout.request`
  policy::RetrySettings retry;      ///< likewise
  policy::HedgeSettings hedge;      ///< likewise
};

/// A copy of some requests goes to another upstream as well; nobody waits for the answer.
struct MirrorModel {
  size_t upstream = 0;   ///< its number in Model::upstreams
  double percent = 100;  ///< of the requests, more than 0
};

struct ToModel {
  std::vector<TargetModel> targets;  ///< at least one with a weight above 0
  std::optional<MirrorModel> mirror;
};

/// Answers with a Location made from the request's own URL; what is not named here stays as it was, and so does the
/// query.
struct RedirectModel {
  uint16_t status = 307;
  std::optional<std::string> scheme;  ///< http or https
  std::optional<std::string> host;    ///< perhaps with a port
  std::optional<std::string> path;    ///< instead of the whole path
  std::optional<std::string> prefix;  ///< instead of the prefix that matched; never beside `path`
};

/// An answer of our own.
struct RespondModel {
  uint16_t status = 200;
  std::string body;
  HeaderList headers;
};

struct RewriteModel {
  std::optional<std::string> prefix;  ///< instead of the prefix that matched
  std::optional<std::string> host;
};

struct FilterModel {
  std::string name;
  Node settings;  ///< sound by the filter's schema
  Place place;
};

struct RouteModel {
  std::string name;
  policy::RouteMatch match;
  std::variant<ToModel, RedirectModel, RespondModel> action;
  RewriteModel rewrite;  ///< only with ToModel
  std::vector<FilterModel> filters;
  Place place;
  bool implicit = false;  ///< made from an upstream or the app, behind those of the file
};

struct Model {
  ListenModel listen;
  std::optional<IdentityModel> identity;
  std::optional<AppModel> app;
  std::optional<policy::AccessSettings> access;  ///< nullopt: everybody may call
  std::optional<uint32_t> workers;               ///< 1 to 64; nullopt: auto
  LogModel log;
  std::optional<TracingModel> tracing;  ///< nullopt: no spans are recorded
  AdminModel admin;
  OutboundModel outbound;
  InterceptModel redirect;
  policy::PolicySettings defaultPolicy;  ///< that called `default`
  std::vector<uint16_t> opaquePorts;     ///< what was going there is passed on without a look at it
  ShutdownModel shutdown;
  HttpModel http;
  MetricsModel metrics;
  std::vector<UpstreamModel> upstreams;
  std::vector<RouteModel> routes;  ///< the first match wins
};

}  // namespace outrigger::config
