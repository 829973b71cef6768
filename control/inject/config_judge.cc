#include "control/inject/config_judge.h"

#include <algorithm>
#include <set>

#include "control/inject/names.h"
#include "control/listener_table.h"
#include "filters/registry.h"

namespace outrigger::control::inject {
namespace {

bool isError(const config::Diagnostic& diagnostic) {
  return diagnostic.severity() == config::Severity::Error;
}

// The image, or the services around, may set what we do not know of.
bool isOfTheEnvironment(const config::Diagnostic& diagnostic) {
  return diagnostic.code == config::Code::EnvironmentUnset;
}

/// The sidecar's environment as far as we set it, like containers.cc does; all else is `others`.
config::EnvironmentLookup environmentOf(const std::string& nameSpace, std::optional<std::string> others) {
  return [nameSpace, others = std::move(others)](Bytes name) -> std::optional<std::string> {
    if (name == "POD_IP") return "10.0.0.1";
    if (name == "POD_NAMESPACE") return nameSpace.empty() ? "default" : nameSpace;
    if (name == "POD_NAME") return "pod";
    return others;
  };
}

std::vector<config::Layer> layersOf(const std::string& defaults, const std::string* namespaceText,
                                    const std::string& nameSpace) {
  std::vector<config::Layer> layers{{defaults, "the injector's defaults"}};
  if (namespaceText != nullptr) {
    const std::string where = nameSpace.empty() ? kConfigMap : nameSpace + "/" + kConfigMap;
    layers.push_back({*namespaceText, "ConfigMap " + where + " " + kConfigKey});
  }
  return layers;
}

std::string portOf(const std::optional<Address>& address) {
  return address && address->isIp() ? std::to_string(address->port()) : "none";
}

// The kubelet asks there.
bool isReachable(const std::optional<Address>& telemetry) {
  return telemetry && telemetry->isIp() && telemetry->port() != 0 && !telemetry->isLoopback();
}

std::vector<uint16_t> ownPorts(const config::Model& model) {
  std::set<uint16_t> ports;
  for (const auto& [name, plan] : planListeners(model)) {
    if (plan.address.isIp() && plan.address.port() != 0) ports.insert(plan.address.port());
  }
  return {ports.begin(), ports.end()};
}

ConfigVerdict factsOf(const config::Model& model) {
  const config::ListenModel& listen = model.listen;
  ConfigVerdict facts;
  if (!isReachable(listen.telemetry)) {
    facts.errors =
        "`listen.telemetry` must be an address that the kubelet reaches, with a port, for it asks there "
        "whether the sidecar is ready (try: \"[::]:15190\")\n";
    return facts;
  }
  facts.telemetryPort = listen.telemetry->port();
  facts.ownPorts = ownPorts(model);
  facts.inboundPort = portOf(listen.inbound);
  facts.outboundPort = portOf(listen.outbound);
  facts.skipPorts = model.redirect.skipPorts;
  facts.skipCidrs = model.redirect.skipCidrs;
  facts.outbound = listen.outbound && listen.outbound->isIp() ? listen.outbound->text() : std::string();
  facts.readsKubernetes =
      std::ranges::any_of(model.upstreams, [](const auto& upstream) { return upstream.kubernetes.has_value(); });
  return facts;
}

}  // namespace

ConfigVerdict judgeConfig(const std::string& defaults, const std::string* namespaceText, const std::string& nameSpace) {
  const auto layers = layersOf(defaults, namespaceText, nameSpace);
  const config::LoadResult known = config::load(layers, environmentOf(nameSpace, std::nullopt), filters::schemas());
  if (known.model != nullptr) return factsOf(*known.model);
  for (const char* likely : {"1", "1s"}) {
    const config::LoadResult guessed = config::load(layers, environmentOf(nameSpace, likely), filters::schemas());
    if (guessed.model != nullptr) return factsOf(*guessed.model);
  }
  const auto isOurs = [](const config::Diagnostic& d) { return isError(d) && !isOfTheEnvironment(d); };
  const bool unsetOnly = std::ranges::none_of(known.diagnostics, isOurs);
  ConfigVerdict verdict;
  for (const config::Diagnostic& diagnostic : known.diagnostics) {
    if (unsetOnly ? isError(diagnostic) : isOurs(diagnostic)) verdict.errors += config::render(diagnostic);
  }
  return verdict;
}

}  // namespace outrigger::control::inject
