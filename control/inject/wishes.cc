#include "control/inject/wishes.h"

#include <algorithm>

#include "control/inject/names.h"
#include "proxy/base/bytes.h"

namespace outrigger::control::inject {
namespace {

constexpr const char* kKnown[] = {
    kInject,     kAppPort,  kProtocol,      kRedirect,    kNative, kSkipOutboundPorts, kSkipInboundPorts,
    kCpuRequest, kCpuLimit, kMemoryRequest, kMemoryLimit, kStatus, kDefaults};

/// An annotation that says nothing we know; caught by readWishes().
struct Unclear {
  std::string what;
};

[[noreturn]] void refuse(const char* name, const std::string& value, const std::string& right) {
  throw Unclear{std::string("the annotation ") + name + " is \"" + value + "\"; right would be " + right};
}

bool truth(const Pod& pod, const char* name, bool otherwise) {
  const std::string* value = pod.annotation(name);
  if (value == nullptr) return otherwise;
  if (*value != "true" && *value != "false") refuse(name, *value, "\"true\" or \"false\"");
  return *value == "true";
}

std::vector<uint16_t> ports(const Pod& pod, const char* name) {
  std::vector<uint16_t> all;
  const std::string* value = pod.annotation(name);
  if (value == nullptr) return all;
  for (Bytes rest = *value; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const auto number = parseDecimal(trimSpace(rest.substr(0, comma)), 65535);
    if (!number || *number == 0) refuse(name, *value, "ports from 1 to 65535, such as \"8080\" or \"8080,9090\"");
    const auto port = static_cast<uint16_t>(*number);
    if (std::ranges::count(all, port) == 0) all.push_back(port);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return all;
}

std::optional<std::vector<uint16_t>> appPorts(const Pod& pod) {
  const std::string* value = pod.annotation(kAppPort);
  if (value == nullptr) return std::nullopt;
  if (*value == "none") return std::vector<uint16_t>();
  auto all = ports(pod, kAppPort);
  if (all.empty()) refuse(kAppPort, *value, "a port such as \"8080\", or \"none\" for a pod that nobody calls");
  return all;
}

std::string protocol(const Pod& pod) {
  const std::string* value = pod.annotation(kProtocol);
  if (value == nullptr) return {};
  constexpr const char* kWords[] = {"auto", "http1", "http2", "tcp"};
  if (std::ranges::find(kWords, *value) == std::end(kWords)) refuse(kProtocol, *value, "auto, http1, http2 or tcp");
  return *value;
}

// The label counts; whoever wrote an annotation of that name meant the same.
std::optional<bool> asksFor(const Pod& pod) {
  const auto label = pod.labels.find(kInject);
  const std::string* value = label != pod.labels.end() ? &label->second : pod.annotation(kInject);
  if (value == nullptr) return std::nullopt;
  if (*value == "enabled" || *value == "true") return true;
  if (*value == "disabled" || *value == "false") return false;
  throw Unclear{std::string("the label ") + kInject + " is \"" + *value + "\"; right would be enabled or disabled"};
}

void setQuantity(const Pod& pod, const char* annotation, const char* resource, Quantities& quantities) {
  const std::string* value = pod.annotation(annotation);
  if (value == nullptr) return;
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.'; };
  const bool digitFirst = !value->empty() && value->front() >= '0' && value->front() <= '9';
  if (!digitFirst || !std::ranges::all_of(*value, fits)) refuse(annotation, *value, "a quantity such as 100m or 64Mi");
  std::erase_if(quantities, [&](const auto& known) { return known.first == resource; });
  quantities.emplace_back(resource, *value);
}

ResourceSettings resources(const Pod& pod, ResourceSettings settings) {
  setQuantity(pod, kCpuRequest, "cpu", settings.requests);
  setQuantity(pod, kMemoryRequest, "memory", settings.requests);
  setQuantity(pod, kCpuLimit, "cpu", settings.limits);
  setQuantity(pod, kMemoryLimit, "memory", settings.limits);
  return settings;
}

std::vector<std::string> unknown(const Pod& pod) {
  std::vector<std::string> names;
  for (const auto& [name, value] : pod.annotations) {
    const bool ours = name.starts_with(kDomain);
    if (ours && std::ranges::find(kKnown, name) == std::end(kKnown)) names.push_back(name);
  }
  return names;
}

}  // namespace

std::expected<Wishes, std::string> readWishes(const Pod& pod, const SidecarSettings& settings) {
  try {
    return Wishes{.inject = asksFor(pod),
                  .appPorts = appPorts(pod),
                  .protocol = protocol(pod),
                  .redirect = truth(pod, kRedirect, settings.redirect),
                  .native = truth(pod, kNative, settings.native),
                  .skipOutboundPorts = ports(pod, kSkipOutboundPorts),
                  .skipInboundPorts = ports(pod, kSkipInboundPorts),
                  .resources = resources(pod, settings.resources),
                  .unknown = unknown(pod)};
  } catch (const Unclear& unclear) {
    return std::unexpected(unclear.what);
  }
}

}  // namespace outrigger::control::inject
