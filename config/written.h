// Upstreams, routes and the app as they are written, before references are resolved. Plain structs that fill() fills;
// inside of the loader only.
#pragma once

#include "config/model.h"

namespace outrigger::config {

struct WrittenAppTls {
  AppTlsModel::Mode mode = AppTlsModel::Mode::None;
  std::optional<TlsServerSettings::Clients> clients;  ///< nullopt: as fits the mode
  Place place;
};

enum class WrittenProxyProtocol : uint8_t { None, Required };

struct WrittenAppPort {
  Address listen;
  uint16_t port = 0;
  Place place;
};

struct WrittenApp {
  std::optional<uint16_t> port;
  std::optional<Address> address;
  std::vector<WrittenAppPort> ports;
  std::vector<std::string> probes;
  std::string policy;
  std::optional<WrittenAppTls> tls;
  Protocol protocol = Protocol::Auto;
  WrittenProxyProtocol proxyProtocol = WrittenProxyProtocol::None;
  Place place;
};

struct WrittenTracing {
  std::string collector;
  std::string trust;
  std::optional<std::string> service;
  std::string sample;  ///< a percentage, or `parent`
};

struct WrittenKubernetes {
  std::string service;
  std::string nameSpace;
  std::string port;
};

struct WrittenUpstream {
  std::vector<EndpointModel> endpoints;
  std::optional<std::string> dns;
  std::optional<uint16_t> port;
  std::optional<WrittenKubernetes> kubernetes;
  std::string policy;
  policy::BalanceSettings balance;
  std::optional<policy::HealthSettings> health;
  std::optional<Duration> slowStart;
  Node sidecar;  ///< `true`, `false`, or a map with its port
  std::optional<Address> listen;
  Protocol protocol = Protocol::Http1;
  std::optional<UpstreamTlsModel> tls;
  policy::ProxyProtocol proxyProtocol = policy::ProxyProtocol::None;
  Place place;
};

struct WrittenAccessRule {
  std::string name;
  std::vector<std::string> identities;
  std::vector<std::string> methods;
  std::optional<std::string> path;
  std::optional<std::string> prefix;
  bool allow = false;
  Place place;
};

struct WrittenAccess {
  enum class Default : uint8_t { Allow, Deny };
  Default byDefault = Default::Deny;
  std::vector<WrittenAccessRule> rules;
  policy::Mode mode = policy::Mode::Enforce;
  Place place;
};

struct WrittenMatch {
  std::string host;
  std::vector<std::string> methods;
  std::optional<std::string> path;
  std::optional<std::string> prefix;
  std::optional<std::string> regex;
  HeaderList headers;
  Direction direction = Direction::Outbound;
  Place place;
};

struct WrittenTarget {
  std::string upstream;
  uint32_t weight = 1;
  Place place;
};

struct WrittenMirror {
  std::string to;
  double percent = 100;
  Place place;
};

struct WrittenRoute {
  std::string name;
  WrittenMatch match;
  std::vector<WrittenTarget> to;
  std::optional<WrittenMirror> mirror;
  Node override;
  RewriteModel rewrite;
  std::optional<RedirectModel> redirect;
  std::optional<RespondModel> respond;
  std::vector<Node> filters;
  Place place;
};

}  // namespace outrigger::config
