#include "control/inject/injection.h"

#include <algorithm>

#include "control/inject/base_config.h"
#include "control/inject/containers.h"
#include "control/inject/names.h"
#include "proxy/net/digest.h"

namespace outrigger::control::inject {
namespace {

constexpr int64_t kKubernetesGrace = 30;  // seconds, where a pod says nothing
constexpr size_t kHashDigits = 16;

// ---- The patch

void addVolumes(const Plan& plan, Patch& patch) {
  patch.append({"spec", "volumes"}, configVolume());
  if (!plan.settings.sidecar.identitySecret.empty()) patch.append({"spec", "volumes"}, identityVolume(plan));
  if (needsTokenVolume(plan)) patch.append({"spec", "volumes"}, tokenVolume());
}

// In front of all other init containers, which may call others already.
void addSidecar(const Plan& plan, Patch& patch) {
  patch.insert({"spec", plan.wishes.native ? "initContainers" : "containers"}, 0, sidecarContainer(plan));
}

// Before the sidecar where that is there for the init containers as well; else when these are through, for they would
// be redirected to nobody.
void addRedirect(const Plan& plan, Patch& patch) {
  if (!plan.wishes.redirect) return;
  if (plan.wishes.native) return patch.insert({"spec", "initContainers"}, 0, redirectContainer(plan));
  patch.append({"spec", "initContainers"}, redirectContainer(plan));
}

// Only what the app does not set itself. https is left alone: it could be tunnelled, not served.
void pointAppAtSidecar(const Plan& plan, Patch& patch) {
  if (!plan.settings.sidecar.httpProxy || plan.config.outbound.empty()) return;
  const std::pair<const char*, std::string> variables[] = {{"HTTP_PROXY", "http://" + plan.config.outbound},
                                                           {"http_proxy", "http://" + plan.config.outbound},
                                                           {"NO_PROXY", "localhost,127.0.0.1,::1"},
                                                           {"no_proxy", "localhost,127.0.0.1,::1"}};
  const size_t before = plan.wishes.native ? 0 : 1;  // the sidecar stands first
  for (size_t i = 0; i < plan.pod.containers.size(); ++i) {
    const auto& known = plan.pod.containers[i].environment;
    for (const auto& [name, value] : variables) {
      if (std::ranges::count(known, name) > 0) continue;
      patch.append({"spec", "containers"}, i + before, "env", {{"name", name}, {"value", value}});
    }
  }
}

void giveTimeToDrain(const Plan& plan, Patch& patch) {
  const auto wanted = static_cast<int64_t>(plan.settings.sidecar.gracePeriod);
  if (plan.pod.graceSeconds.value_or(kKubernetesGrace) >= wanted) return;
  patch.set({"spec", "terminationGracePeriodSeconds"}, wanted);
}

void leaveMark(const Plan& plan, Patch& patch) {
  const std::string applied = patch.steps().dump() + plan.defaults;
  const Json status = {{"version", OUTRIGGER_VERSION}, {"hash", net::sha256Hex(applied).substr(0, kHashDigits)}};
  patch.set({"metadata", "annotations", kDefaults}, plan.defaults);
  patch.set({"metadata", "annotations", kStatus}, status.dump());
}

void assemble(const Plan& plan, Patch& patch) {
  addVolumes(plan, patch);
  addSidecar(plan, patch);
  addRedirect(plan, patch);
  pointAppAtSidecar(plan, patch);
  giveTimeToDrain(plan, patch);
  leaveMark(plan, patch);
}

// ---- What is known of the pod

std::string summaryOf(const Plan& plan, const AppFacts& app) {
  std::string text = plan.wishes.native ? "a native sidecar" : "a sidecar";
  if (!plan.hasApp) text += " without an app to call";
  for (size_t i = 0; i < app.ports.size(); ++i) {
    text += (i > 0 ? ", " : app.ports.size() == 1 ? ", app port " : ", app ports ") + std::to_string(app.ports[i]);
  }
  for (size_t i = 0; i < app.probes.size(); ++i) text += (i > 0 ? ", " : ", probes ") + app.probes[i];
  return text + (plan.wishes.redirect ? ", redirected" : "");
}

std::vector<std::string> warningsOf(const Wishes& wishes) {
  std::vector<std::string> warnings;
  for (const std::string& name : wishes.unknown) warnings.push_back("nobody knows the annotation " + name);
  return warnings;
}

NamedApp namedByNamespace(const std::string* namespaceConfig) {
  if (namespaceConfig == nullptr) return {};
  const config::Layer layer[] = {{*namespaceConfig, kConfigMap}};
  const auto tree = config::readLayers(layer);
  return tree ? namedApp(*tree) : NamedApp();
}

// What the namespace's config says lies over ours in any case; a container's port is a better guess than what the
// injector was told for all pods.
AppFacts appFactsOf(const Pod& pod, const Wishes& wishes, const Request& request) {
  const NamedApp named = namedByNamespace(request.namespaceConfig);
  AppFacts app;
  app.byNamespace = named.named;
  app.ports = named.named ? named.ports : appPortsOf(pod, wishes);
  app.probes = probePathsOf(pod, app.ports);
  return app;
}

Refusal noPort() {
  return {Refusal::Kind::Told,
          std::string("no container has a TCP port, so that the app's is unknown; right would be the "
                      "annotation ") +
              kAppPort + ": \"8080\", or \"none\" for a pod that nobody calls"};
}

}  // namespace

std::expected<Injection, Refusal> inject(const Request& request, const Settings& settings) {
  const auto pod = readPod(request.pod);
  if (!pod)
    return std::unexpected(Refusal{Refusal::Kind::Told, "it is no pod as Kubernetes describes one: " + pod.error()});
  const auto wishes = readWishes(*pod, settings.sidecar);
  if (!wishes) return std::unexpected(Refusal{Refusal::Kind::Told, wishes.error()});
  if (auto refusal = refusalOf({*pod, *wishes, settings, request.nameSpace, request.namespaceLabels})) {
    return std::unexpected(std::move(*refusal));
  }
  const AppFacts app = appFactsOf(*pod, *wishes, request);
  const bool hasApp = !app.ports.empty() || app.byNamespace || namedApp(settings.config).named;
  if (!hasApp && !wishes->appPorts && !pod->endsByItself()) return std::unexpected(noPort());

  Plan plan{settings, *pod, *wishes, baseConfig(settings, *wishes, app), {}, hasApp};
  plan.config = judgeConfig(plan.defaults, request.namespaceConfig, request.nameSpace);
  if (!plan.config.errors.empty()) return std::unexpected(Refusal{Refusal::Kind::Forbids, plan.config.errors});
  if (request.configUnknown) plan.config.readsKubernetes = true;  // perhaps; a pod cannot be given a token later
  Patch patch(request.pod);
  assemble(plan, patch);
  return Injection{patch.steps(), patch.document(), summaryOf(plan, app), warningsOf(*wishes)};
}

}  // namespace outrigger::control::inject
