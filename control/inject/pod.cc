#include "control/inject/pod.h"

#include <algorithm>

#include "control/inject/names.h"

namespace outrigger::control::inject {
namespace {

/// A part of the pod has another form than it should; caught by readPod().
struct Misshapen {
  std::string what;
};

const Json kNothing;

// A member, or null where it is not there.
const Json& at(const Json& object, const char* key) {
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

const Json& map(const Json& object, const char* key) {
  const Json& value = at(object, key);
  if (!value.is_null() && !value.is_object()) throw Misshapen{std::string("`") + key + "` is not a map"};
  return value;
}

const Json& list(const Json& object, const char* key) {
  const Json& value = at(object, key);
  if (!value.is_null() && !value.is_array()) throw Misshapen{std::string("`") + key + "` is not a list"};
  return value;
}

std::string text(const Json& object, const char* key) {
  const Json& value = at(object, key);
  if (!value.is_null() && !value.is_string()) throw Misshapen{std::string("`") + key + "` is not a text"};
  return value.is_null() ? std::string() : value.get<std::string>();
}

std::optional<int64_t> number(const Json& object, const char* key) {
  const Json& value = at(object, key);
  if (value.is_null()) return std::nullopt;
  if (!value.is_number_integer()) throw Misshapen{std::string("`") + key + "` is not a whole number"};
  return value.get<int64_t>();
}

bool flag(const Json& object, const char* key) {
  const Json& value = at(object, key);
  if (!value.is_null() && !value.is_boolean()) throw Misshapen{std::string("`") + key + "` is neither true nor false"};
  return value.is_boolean() && value.get<bool>();
}

std::map<std::string, std::string, std::less<>> texts(const Json& object, const char* key) {
  std::map<std::string, std::string, std::less<>> all;
  for (const auto& [name, value] : map(object, key).items()) {
    if (!value.is_string()) throw Misshapen{std::string("`") + name + "` of the " + key + " is not a text"};
    all[name] = value.get<std::string>();
  }
  return all;
}

uint16_t portNumber(int64_t value) {
  if (value < 1 || value > 65535) throw Misshapen{std::to_string(value) + " is no port"};
  return static_cast<uint16_t>(value);
}

ContainerPort readPort(const Json& port) {
  const auto number = inject::number(port, "containerPort");
  if (!number) throw Misshapen{"a port has no `containerPort`"};
  const std::string protocol = text(port, "protocol");
  return {text(port, "name"), portNumber(*number), protocol.empty() || protocol == "TCP"};
}

uint16_t resolved(const Json& port, const std::vector<ContainerPort>& ports) {
  if (port.is_number_integer()) return portNumber(port.get<int64_t>());
  if (!port.is_string()) return 0;
  const auto found = std::ranges::find(ports, port.get<std::string>(), &ContainerPort::name);
  return found == ports.end() ? 0 : found->number;
}

void readProbes(const Json& container, Container& read) {
  for (const char* kind : {"startupProbe", "readinessProbe", "livenessProbe"}) {
    const Json& http = map(map(container, kind), "httpGet");
    if (http.is_null()) continue;
    const std::string written = text(http, "path");
    std::string path(written.starts_with('/') ? 0 : 1, '/');  // as the kubelet does
    path.append(written, 0, written.find('#'));
    read.probes.push_back({std::move(path), resolved(at(http, "port"), read.ports)});
  }
}

Container readContainer(const Json& container) {
  if (!container.is_object()) throw Misshapen{"a container is not a map"};
  Container read;
  read.name = text(container, "name");
  for (const Json& port : list(container, "ports")) read.ports.push_back(readPort(port));
  readProbes(container, read);
  for (const Json& variable : list(container, "env")) read.environment.push_back(text(variable, "name"));
  for (const Json& mount : list(container, "volumeMounts")) {
    if (text(mount, "mountPath") == kTokenFolder) read.tokenMount = mount;
  }
  read.runAsUser = number(map(container, "securityContext"), "runAsUser");
  return read;
}

bool isWindows(const Json& spec) {
  return text(map(spec, "os"), "name") == "windows" || text(map(spec, "nodeSelector"), "kubernetes.io/os") == "windows";
}

Pod read(const Json& json) {
  Pod pod;
  const Json& metadata = map(json, "metadata");
  pod.labels = texts(metadata, "labels");
  pod.annotations = texts(metadata, "annotations");
  const Json& spec = map(json, "spec");
  if (spec.is_null()) throw Misshapen{"it has no `spec`"};
  for (const Json& container : list(spec, "initContainers")) pod.initContainers.push_back(readContainer(container));
  for (const Json& container : list(spec, "containers")) pod.containers.push_back(readContainer(container));
  if (pod.containers.empty()) throw Misshapen{"it has no containers"};
  for (const Json& volume : list(spec, "volumes")) pod.volumes.push_back(text(volume, "name"));
  if (const std::string policy = text(spec, "restartPolicy"); !policy.empty()) pod.restartPolicy = policy;
  pod.runAsUser = number(map(spec, "securityContext"), "runAsUser");
  pod.graceSeconds = number(spec, "terminationGracePeriodSeconds");
  pod.hostNetwork = flag(spec, "hostNetwork");
  pod.windows = isWindows(spec);
  return pod;
}

}  // namespace

bool Pod::hasContainer(const std::string& name) const {
  return std::ranges::count(containers, name, &Container::name) +
             std::ranges::count(initContainers, name, &Container::name) >
         0;
}

const std::string* Pod::annotation(const char* name) const {
  const auto found = annotations.find(name);
  return found == annotations.end() ? nullptr : &found->second;
}

std::expected<Pod, std::string> readPod(const Json& pod) {
  try {
    if (!pod.is_object()) return std::unexpected("it is not a map");
    return read(pod);
  } catch (const Misshapen& wrong) {
    return std::unexpected(wrong.what);
  }
}

}  // namespace outrigger::control::inject
