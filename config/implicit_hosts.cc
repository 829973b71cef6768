#include "config/implicit_hosts.h"

#include <map>

#include "config/texts.h"

namespace outrigger::config {
namespace {

// The name in full, without the labels of a service; empty: the upstream has none.
std::string fullName(const UpstreamModel& upstream) {
  if (upstream.dns) {
    std::string name = upstream.dns->name;
    while (name.starts_with('_')) name.erase(0, std::min(name.find('.'), name.size() - 1) + 1);
    return name;
  }
  if (!upstream.kubernetes) return {};
  const KubernetesModel& service = *upstream.kubernetes;
  return service.nameSpace.empty() ? service.service : service.service + "." + service.nameSpace + ".svc.cluster.local";
}

// The name, and each that begins it: a.b.c, a.b, a.
std::vector<std::string> shortened(std::string name) {
  std::vector<std::string> all;
  while (!name.empty()) {
    all.push_back(name);
    const size_t point = name.rfind('.');
    name.resize(point == std::string::npos ? 0 : point);
  }
  return all;
}

}  // namespace

ImplicitHosts::ImplicitHosts(const std::vector<UpstreamModel>& upstreams) {
  std::map<std::string, size_t> claims;
  std::set<std::string> names;
  for (const UpstreamModel& upstream : upstreams) {
    names.insert(lowered(upstream.name));
    for (const std::string& host : shortened(fullName(upstream))) ++claims[host];
  }
  for (const UpstreamModel& upstream : upstreams) {
    std::vector<std::string>& hosts = hosts_.emplace_back();
    hosts.push_back(lowered(upstream.name));
    for (const std::string& host : shortened(fullName(upstream))) {
      if (claims[host] == 1 && !names.contains(host)) hosts.push_back(host);
    }
  }
}

}  // namespace outrigger::config
