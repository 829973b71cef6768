#include "control/inject/refusal.h"

#include <algorithm>

#include "control/inject/base_config.h"
#include "control/inject/names.h"

namespace outrigger::control::inject {
namespace {

using Answer = std::optional<Refusal>;

Refusal quiet(std::string why) {
  return {Refusal::Kind::Quiet, std::move(why)};
}

Refusal told(std::string why) {
  return {Refusal::Kind::Told, std::move(why)};
}

Answer alreadyThere(const Candidate& c) {
  if (!isInjected(c.pod)) return std::nullopt;
  return quiet("it has its sidecar already");
}

Answer ignoredNamespace(const Candidate& c) {
  if (std::ranges::count(c.settings.ignoreNamespaces, c.nameSpace) == 0) return std::nullopt;
  return quiet("the namespace " + c.nameSpace + " is one that the injector leaves alone");
}

Answer notAskedFor(const Candidate& c) {
  if (c.wishes.inject == false) return quiet(std::string("it opts out by ") + kInject);
  if (c.wishes.inject == true || c.namespaceLabels == nullptr) return std::nullopt;
  const auto label = c.namespaceLabels->find(kInject);
  if (label != c.namespaceLabels->end() && label->second == "enabled") return std::nullopt;
  return quiet(std::string("neither the pod nor its namespace has the label ") + kInject + ": enabled");
}

Answer hostNetwork(const Candidate& c) {
  if (!c.pod.hostNetwork) return std::nullopt;
  return told("it uses the host's network, where the sidecar's ports would be the host's");
}

Answer windows(const Candidate& c) {
  if (!c.pod.windows) return std::nullopt;
  return told("it runs on Windows, and the sidecar on Linux only");
}

Answer foreignNames(const Candidate& c) {
  for (const char* name : {kSidecar, kRedirecter}) {
    if (c.pod.hasContainer(name)) return told(std::string("it has a container of its own with the name ") + name);
  }
  for (const char* name : {kConfigVolume, kIdentityVolume, kTokenVolume}) {
    if (std::ranges::count(c.pod.volumes, name) > 0)
      return told(std::string("it has a volume of its own with the name ") + name);
  }
  return std::nullopt;
}

Answer sameUser(const Candidate& c) {
  const auto uid = static_cast<int64_t>(c.settings.sidecar.uid);
  const std::string number = std::to_string(uid);
  for (const auto* all : {&c.pod.containers, &c.pod.initContainers}) {
    for (const Container& container : *all) {
      if (container.runAsUser.value_or(c.pod.runAsUser.value_or(-1)) != uid) continue;
      return told("its container " + container.name + " runs as user " + number + ", which is the sidecar's");
    }
  }
  return std::nullopt;
}

bool isOurs(uint16_t port) {
  return port >= kFirstOwnPort && port <= kLastOwnPort;
}

std::string clash(const std::string& who, uint16_t port) {
  return who + " the port " + std::to_string(port) + "; those from " + std::to_string(kFirstOwnPort) + " to " +
         std::to_string(kLastOwnPort) + " are the sidecar's";
}

Answer samePort(const Candidate& c) {
  for (const auto* all : {&c.pod.containers, &c.pod.initContainers}) {
    for (const Container& container : *all) {
      for (const ContainerPort& port : container.ports) {
        if (isOurs(port.number)) return told(clash("its container " + container.name + " has", port.number));
      }
    }
  }
  for (const uint16_t port : c.wishes.appPorts.value_or(std::vector<uint16_t>())) {
    if (isOurs(port)) return told(clash(std::string("the annotation ") + kAppPort + " names", port));
  }
  return std::nullopt;
}

Answer endlessJob(const Candidate& c) {
  if (!c.pod.endsByItself() || c.wishes.native) return std::nullopt;
  return told(std::string("a pod that is to end by itself would never do so beside a plain sidecar; right would be ") +
              kNative + ": \"true\"");
}

using Judge = Answer (*)(const Candidate&);
constexpr Judge kJudges[] = {alreadyThere, ignoredNamespace, notAskedFor, hostNetwork, windows,
                             foreignNames, sameUser,         samePort,    endlessJob};

}  // namespace

std::optional<Refusal> refusalOf(const Candidate& candidate) {
  for (const Judge judge : kJudges) {
    if (auto refusal = judge(candidate)) return refusal;
  }
  return std::nullopt;
}

bool isInjected(const Pod& pod) {
  return pod.annotation(kStatus) != nullptr && pod.annotation(kDefaults) != nullptr && pod.hasContainer(kSidecar);
}

}  // namespace outrigger::control::inject
