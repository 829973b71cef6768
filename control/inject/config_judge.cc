#include "control/inject/config_judge.h"

#include <algorithm>

#include "control/inject/names.h"
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

ConfigVerdict factsOf(const config::Model& model) {
  const config::ListenModel& listen = model.listen;
  ConfigVerdict facts;
  if (listen.telemetry) facts.telemetryPort = listen.telemetry->port();
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
  const config::EnvironmentLookup unset = [](Bytes) { return std::optional<std::string>(); };
  const config::LoadResult loaded =
      config::load(layersOf(defaults, namespaceText, nameSpace), unset, filters::schemas());
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
