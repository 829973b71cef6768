#include "control/inject/base_config.h"

#include <algorithm>

#include "config/texts.h"
#include "config/write_yaml.h"
#include "control/inject/names.h"

namespace outrigger::control::inject {
namespace {

using config::Node;

Node scalar(const std::string& text) {
  return Node::scalar(text, false, {});
}

Node scalar(uint16_t number) {
  return scalar(std::to_string(number));
}

Node mapAt(const Node& node, Bytes key) {
  const Node* found = node.find(key);
  return found != nullptr && found->isMap() ? *found : Node::map({}, {});
}

std::string listenAddress(size_t index) {
  return "[::]:" + std::to_string(kInboundPort + index);
}

// One port is dialled from the usual inbound listener; several have one each, one port after the other.
Node withPorts(Node app, const std::vector<uint16_t>& ports) {
  for (const char* key : {"port", "address", "ports"}) app = without(app, key);
  if (ports.size() == 1) return with(app, "port", scalar(ports.front()));
  std::vector<Node> all;
  for (size_t i = 0; i < ports.size(); ++i) {
    Node listen = Node::scalar(listenAddress(i), true, {});
    all.push_back(Node::map({{"listen", {}, std::move(listen)}, {"port", {}, scalar(ports[i])}}, {}));
  }
  return with(app, "ports", Node::list(std::move(all), {}));
}

Node withProbes(const Node& app, const std::vector<std::string>& paths) {
  const Node* known = app.find("probes");
  std::vector<Node> all(known == nullptr ? std::span<const Node>().begin() : known->items().begin(),
                        known == nullptr ? std::span<const Node>().end() : known->items().end());
  for (const std::string& path : paths) {
    if (std::ranges::count(all, Bytes(path), &Node::text) == 0) all.push_back(scalar(path));
  }
  return all.empty() ? app : with(app, "probes", Node::list(std::move(all), {}));
}

Node appOf(const Settings& settings, const Wishes& wishes, const AppFacts& facts) {
  Node app = mapAt(settings.config, "app");
  if (facts.byNamespace) {
    for (const char* key : {"port", "address", "ports"}) app = without(app, key);
  } else if (!facts.ports.empty()) {
    app = withPorts(app, facts.ports);
  }
  app = withProbes(app, facts.probes);
  return wishes.protocol.empty() ? app : with(app, "protocol", scalar(wishes.protocol));
}

Node redirectOf(const Node& base, const Wishes& wishes) {
  return with(mapAt(base, "redirect"), "enabled", scalar(std::string(wishes.redirect ? "true" : "false")));
}

}  // namespace

std::vector<uint16_t> appPortsOf(const Pod& pod, const Wishes& wishes) {
  if (wishes.appPorts) return *wishes.appPorts;
  for (const Container& container : pod.containers) {
    std::vector<uint16_t> ports;
    for (const ContainerPort& port : container.ports) {
      if (port.tcp && container.name != kSidecar && std::ranges::count(ports, port.number) == 0)
        ports.push_back(port.number);
    }
    if (!ports.empty()) return ports;
  }
  return {};
}

// What the config would not take as a path passes with policies, like any request.
std::vector<std::string> probePathsOf(const Pod& pod, const std::vector<uint16_t>& ports) {
  std::vector<std::string> paths;
  for (const Container& container : pod.containers) {
    for (const HttpProbe& probe : container.probes) {
      const bool atTheApp = std::ranges::count(ports, probe.port) > 0;
      const bool fits = atTheApp && !config::checkPath(probe.path) && std::ranges::count(paths, probe.path) == 0;
      if (fits) paths.push_back(probe.path);
    }
  }
  return paths;
}

NamedApp namedApp(const Node& config) {
  const Node app = mapAt(config, "app");
  const Node* port = app.find("port");
  const Node* ports = app.find("ports");
  NamedApp named{port != nullptr || app.find("address") != nullptr || ports != nullptr, {}};
  const auto take = [&named](const Node* number) {
    const auto value = number == nullptr ? std::nullopt : parseDecimal(number->text(), 65535);
    if (value) named.ports.push_back(static_cast<uint16_t>(*value));
  };
  take(port);
  for (const Node& each : ports == nullptr ? std::span<const Node>() : ports->items()) take(each.find("port"));
  return named;
}

std::string baseConfig(const Settings& settings, const Wishes& wishes, const AppFacts& facts) {
  const Node version = Node::map({{"version", {}, scalar(std::string("1"))}}, {});
  Node config = settings.config.isMap() ? merge(version, settings.config) : version;
  const Node app = appOf(settings, wishes, facts);
  const Node listen = mapAt(config, "listen");  // several ports have their own listeners
  if (app.find("ports") != nullptr && listen.find("inbound") != nullptr)
    config = with(config, "listen", without(listen, "inbound"));
  config = app.entries().empty() ? without(config, "app") : with(config, "app", app);
  if (wishes.redirect || config.find("redirect") != nullptr)
    config = with(config, "redirect", redirectOf(config, wishes));
  return config::writeYaml(config);
}

}  // namespace outrigger::control::inject
