#include "control/inject/containers.h"

#include "control/inject/names.h"

namespace outrigger::control::inject {
namespace {

constexpr int kRoot = 0;

// The "restricted" pod security standard, whatever the pod says for its own containers.
Json restrictedContext(int64_t uid) {
  return {{"allowPrivilegeEscalation", false},
          {"capabilities", {{"drop", Json::array({"ALL"})}}},
          {"privileged", false},
          {"readOnlyRootFilesystem", true},
          {"runAsGroup", uid},
          {"runAsNonRoot", true},
          {"runAsUser", uid},
          {"seccompProfile", {{"type", "RuntimeDefault"}}}};
}

// Rules of the kernel's are root's to set; nothing else is left to it.
Json redirectContext() {
  Json context = restrictedContext(kRoot);
  context["runAsNonRoot"] = false;
  context["capabilities"]["add"] = Json::array({"NET_ADMIN"});
  return context;
}

Json quantities(const Quantities& all) {
  Json json = Json::object();
  for (const auto& [resource, amount] : all) json[resource] = amount;
  return json;
}

Json resourcesOf(const Plan& plan) {
  Json json = Json::object();
  if (!plan.wishes.resources.requests.empty()) json["requests"] = quantities(plan.wishes.resources.requests);
  if (!plan.wishes.resources.limits.empty()) json["limits"] = quantities(plan.wishes.resources.limits);
  return json;
}

Json mount(const char* volume, const char* folder) {
  return {{"name", volume}, {"mountPath", folder}, {"readOnly", true}};
}

// Another container's mount of the token, for the sidecar; null: no container has one.
Json sharedToken(const Pod& pod) {
  for (const Container& container : pod.containers) {
    if (!container.tokenMount.is_null()) return container.tokenMount;
  }
  return nullptr;
}

Json mountsOf(const Plan& plan) {
  Json mounts = Json::array({mount(kConfigVolume, kConfigFolder)});
  if (!plan.settings.sidecar.identitySecret.empty()) mounts.push_back(mount(kIdentityVolume, kIdentityFolder));
  if (!plan.config.readsKubernetes) return mounts;
  mounts.push_back(needsTokenVolume(plan) ? mount(kTokenVolume, kTokenFolder) : sharedToken(plan.pod));
  return mounts;
}

Json portsOf(const Plan& plan) {
  Json ports = Json::array();
  if (plan.hasApp) ports.push_back({{"name", "or-inbound"}, {"containerPort", kInboundPort}, {"protocol", "TCP"}});
  ports.push_back({{"name", "or-telemetry"}, {"containerPort", plan.config.telemetryPort}, {"protocol", "TCP"}});
  return ports;
}

Json probe(const Plan& plan, const char* path, int period, int failures) {
  return {{"httpGet", {{"path", path}, {"port", plan.config.telemetryPort}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 2},
          {"failureThreshold", failures}};
}

Json fieldVariable(const char* name, const char* path) {
  return {{"name", name}, {"valueFrom", {{"fieldRef", {{"fieldPath", path}}}}}};
}

// What a config may speak of as ${POD_NAME} and its like.
Json environment() {
  return Json::array({fieldVariable("POD_NAME", "metadata.name"), fieldVariable("POD_NAMESPACE", "metadata.namespace"),
                      fieldVariable("POD_IP", "status.podIP")});
}

std::string listText(std::initializer_list<const std::vector<uint16_t>*> lists) {
  std::string text;
  for (const auto* ports : lists) {
    for (const uint16_t port : *ports) text += (text.empty() ? "" : ",") + std::to_string(port);
  }
  return text;
}

// The sidecar's listeners that the rules do not know by themselves.
std::vector<uint16_t> unusualPorts(const ConfigVerdict& config) {
  std::vector<uint16_t> ports;
  std::ranges::copy_if(config.ownPorts, std::back_inserter(ports),
                       [](uint16_t port) { return port < kFirstOwnPort || port > kLastOwnPort; });
  return ports;
}

// Complete: the init container needs no config of its own.
Json redirectArguments(const Plan& plan) {
  const ConfigVerdict& config = plan.config;
  Json arguments = Json::array({"redirect", "apply", "--uid", std::to_string(plan.settings.sidecar.uid),
                                "--inbound-port", config.inboundPort, "--outbound-port", config.outboundPort});
  const auto add = [&arguments](const char* option, const std::string& value) {
    if (value.empty()) return;
    arguments.push_back(option);
    arguments.push_back(value);
  };
  const std::vector<uint16_t> unusual = unusualPorts(config);
  add("--skip-inbound-ports", listText({&plan.wishes.skipInboundPorts, &config.skipPorts, &unusual}));
  add("--skip-outbound-ports", listText({&plan.wishes.skipOutboundPorts, &config.skipPorts}));
  for (const std::string& network : config.skipCidrs) add("--skip-cidrs", network);
  return arguments;
}

}  // namespace

Json sidecarContainer(const Plan& plan) {
  const SidecarSettings& settings = plan.settings.sidecar;
  const std::string folder = kConfigFolder;
  Json container;
  container["name"] = kSidecar;
  container["image"] = settings.image;
  container["imagePullPolicy"] = settings.imagePullPolicy;
  container["args"] =
      Json::array({"run", "--config", folder + "/outrigger.yaml", "--defaults", folder + "/defaults.yaml"});
  if (plan.wishes.native) container["restartPolicy"] = "Always";
  container["env"] = environment();
  container["ports"] = portsOf(plan);
  container["startupProbe"] = probe(plan, "/ready", 1, 60);
  container["readinessProbe"] = probe(plan, "/ready", 5, 2);
  container["livenessProbe"] = probe(plan, "/live", 10, 3);
  container["lifecycle"] = {{"preStop", {{"exec", {{"command", Json::array({"outrigger", "drain"})}}}}}};
  container["resources"] = resourcesOf(plan);
  container["securityContext"] = restrictedContext(settings.uid);
  container["volumeMounts"] = mountsOf(plan);
  return container;
}

Json redirectContainer(const Plan& plan) {
  const SidecarSettings& settings = plan.settings.sidecar;
  Json container;
  container["name"] = kRedirecter;
  container["image"] = settings.image;
  container["imagePullPolicy"] = settings.imagePullPolicy;
  container["args"] = redirectArguments(plan);
  container["resources"] = resourcesOf(plan);
  container["securityContext"] = redirectContext();
  return container;
}

Json configVolume() {
  const std::string field = std::string("metadata.annotations['") + kDefaults + "']";
  Json defaults = {
      {"downwardAPI", {{"items", Json::array({{{"path", "defaults.yaml"}, {"fieldRef", {{"fieldPath", field}}}}})}}}};
  Json file = {{"configMap",
                {{"name", kConfigMap},
                 {"optional", true},
                 {"items", Json::array({{{"key", kConfigKey}, {"path", "outrigger.yaml"}}})}}}};
  return {{"name", kConfigVolume}, {"projected", {{"sources", Json::array({std::move(defaults), std::move(file)})}}}};
}

Json identityVolume(const Plan& plan) {
  return {{"name", kIdentityVolume},
          {"secret", {{"secretName", plan.settings.sidecar.identitySecret}, {"optional", true}}}};
}

Json tokenVolume() {
  Json token = {{"serviceAccountToken", {{"path", "token"}, {"expirationSeconds", 3607}}}};
  Json authority = {
      {"configMap", {{"name", "kube-root-ca.crt"}, {"items", Json::array({{{"key", "ca.crt"}, {"path", "ca.crt"}}})}}}};
  Json nameSpace = {
      {"downwardAPI",
       {{"items", Json::array({{{"path", "namespace"}, {"fieldRef", {{"fieldPath", "metadata.namespace"}}}}})}}}};
  return {{"name", kTokenVolume},
          {"projected", {{"sources", Json::array({std::move(token), std::move(authority), std::move(nameSpace)})}}}};
}

bool needsTokenVolume(const Plan& plan) {
  return plan.config.readsKubernetes && sharedToken(plan.pod).is_null();
}

}  // namespace outrigger::control::inject
