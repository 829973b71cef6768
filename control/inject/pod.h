// What the injector reads of a pod, or of a workload's pod template, which has the same shape. Borrows the JSON; pure.
#pragma once

#include <expected>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace outrigger::control::inject {

using Json = nlohmann::ordered_json;

struct ContainerPort {
  std::string name;
  uint16_t number = 0;
  bool tcp = true;
};

/// An HTTP probe: where it asks.
struct HttpProbe {
  std::string path;
  uint16_t port = 0;  ///< names are resolved; 0: a name that no port of its container has
};

struct Container {
  std::string name;
  std::vector<ContainerPort> ports;
  std::vector<HttpProbe> probes;
  std::vector<std::string> environment;  ///< names
  std::optional<int64_t> runAsUser;
  Json tokenMount;  ///< of the service account's token; null: none
};

struct Pod {
  std::map<std::string, std::string, std::less<>> labels;
  std::map<std::string, std::string, std::less<>> annotations;
  std::vector<Container> initContainers;
  std::vector<Container> containers;
  std::vector<std::string> volumes;  ///< names
  std::string restartPolicy = "Always";
  std::optional<int64_t> runAsUser;
  std::optional<int64_t> graceSeconds;
  bool hostNetwork = false;
  bool windows = false;

  /// Its work has an end: a Job's.
  bool endsByItself() const { return restartPolicy != "Always"; }
  bool hasContainer(const std::string& name) const;
  /// nullptr: no such annotation.
  const std::string* annotation(const char* name) const;
};

/// The error says which part has another form than Kubernetes gives it.
std::expected<Pod, std::string> readPod(const Json& pod);

}  // namespace outrigger::control::inject
