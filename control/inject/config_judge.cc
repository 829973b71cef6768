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

// Of the pod's own environment we know nothing.
bool isOfTheEnvironment(const config::Diagnostic& diagnostic) {
  return diagnostic.code == config::Code::EnvironmentUnset;
}

// What a variable of the sidecar's environment may hold: some we set ourselves, others are texts or numbers.
std::optional<std::string> likelyValue(Bytes name, const std::string& nameSpace) {
  if (name == "POD_IP") return "10.0.0.1";
  if (name == "POD_NAMESPACE") return nameSpace.empty() ? "default" : nameSpace;
  if (name == "POD_NAME") return "pod";
  return "1";
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
  const auto likely = [&nameSpace](Bytes name) { return likelyValue(name, nameSpace); };
  if (const auto model = config::load(layers, likely, filters::schemas()).model) return factsOf(*model);
  const config::EnvironmentLookup unset = [](Bytes) { return std::optional<std::string>(); };
  const config::LoadResult loaded = config::load(layers, unset, filters::schemas());
  if (loaded.model != nullptr) return factsOf(*loaded.model);
  ConfigVerdict verdict;
  const auto judged = [](const config::Diagnostic& d) { return isError(d) && !isOfTheEnvironment(d); };
  if (std::ranges::none_of(loaded.diagnostics, judged)) return verdict;
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    if (judged(diagnostic)) verdict.errors += config::render(diagnostic);
  }
  return verdict;
}

}  // namespace outrigger::control::inject
