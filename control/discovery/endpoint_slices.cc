#include "control/discovery/endpoint_slices.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

namespace outrigger::control::discovery {
namespace {

using nlohmann::json;
using Failure = std::unexpected<std::string>;

constexpr int kGone = 410;

// ---- Reading JSON without exceptions: what is missing or null is nullptr

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

std::string textOf(const json& object, const char* name) {
  const json* found = member(object, name);
  return found != nullptr && found->is_string() ? found->get_ref<const std::string&>() : std::string();
}

bool truth(const json* conditions, const char* name, bool otherwise) {
  const json* found = conditions == nullptr ? nullptr : member(*conditions, name);
  return found != nullptr && found->is_boolean() ? found->get<bool>() : otherwise;
}

std::string metadata(const json& object, const char* name) {
  const json* found = member(object, "metadata");
  return found == nullptr ? std::string() : textOf(*found, name);
}

json parse(Bytes text) {
  return json::parse(text, nullptr, false);
}

// ---- One slice

// What its ports come to: a number, or none of that name.
std::expected<std::optional<uint16_t>, std::string> portOf(const json& slice, const ServicePort& wanted,
                                                           std::vector<std::string>& names) {
  if (wanted.name.empty()) return wanted.number;
  const json* ports = member(slice, "ports");
  if (ports == nullptr) return std::nullopt;
  if (!ports->is_array()) return Failure("`ports` is not a list");
  for (const json& port : *ports) {
    const std::string protocol = textOf(port, "protocol");
    if (!protocol.empty() && protocol != "TCP") continue;
    const std::string name = textOf(port, "name");
    if (name != wanted.name) {
      names.push_back(name);
      continue;
    }
    const json* number = member(port, "port");
    if (number == nullptr) continue;
    if (!number->is_number_unsigned() || number->get<uint64_t>() == 0 || number->get<uint64_t>() > UINT16_MAX) {
      return Failure("a port is not a number from 1 to 65535");
    }
    names.clear();
    return number->get<uint16_t>();
  }
  return std::nullopt;
}

std::expected<Address, std::string> addressOf(const json& endpoint, Address::Family family, uint16_t port) {
  const json* addresses = member(endpoint, "addresses");
  if (addresses == nullptr || !addresses->is_array() || addresses->empty() || !addresses->front().is_string()) {
    return Failure("an endpoint has no address");
  }
  // Those behind the first have no meaning (KEP-752).
  const std::string& text = addresses->front().get_ref<const std::string&>();
  const bool six = family == Address::Family::Ipv6;
  const auto address = Address::parse((six ? "[" + text + "]" : text) + ":" + std::to_string(port));
  if (!address || address->family() != family) return Failure("an endpoint's address is not one of its slice's family");
  return *address;
}

std::string podOf(const json& endpoint) {
  const json* target = member(endpoint, "targetRef");
  return target == nullptr ? std::string() : textOf(*target, "uid");
}

std::expected<void, std::string> readEndpoints(const json& from, Address::Family family, std::optional<uint16_t> port,
                                               EndpointSlice& slice) {
  const json* endpoints = member(from, "endpoints");
  if (endpoints == nullptr) return {};
  if (!endpoints->is_array()) return Failure("`endpoints` is not a list");
  for (const json& endpoint : *endpoints) {
    const auto address = addressOf(endpoint, family, port.value_or(1));
    if (!address) return Failure(address.error());
    const json* conditions = member(endpoint, "conditions");
    const bool ready = truth(conditions, "ready", true);  // null: unknown, and to be taken as true
    const bool serving = truth(conditions, "serving", ready);
    const bool ends = truth(conditions, "terminating", false);
    if (!port || !(ready || (serving && ends))) {
      ++slice.unusable;
      continue;
    }
    slice.endpoints.push_back({*address, podOf(endpoint), ready});
  }
  return {};
}

std::expected<EndpointSlice, std::string> readSlice(const json& from, const ServicePort& wanted) {
  EndpointSlice slice{.name = metadata(from, "name"), .version = metadata(from, "resourceVersion")};
  if (slice.name.empty() || slice.version.empty()) return Failure("a slice has no name or no resourceVersion");
  const std::string type = textOf(from, "addressType");
  if (type.empty()) return Failure("a slice has no addressType");
  if (type != "IPv4" && type != "IPv6") return slice;  // names, which are nothing to connect to
  const auto port = portOf(from, wanted, slice.portNames);
  if (!port) return Failure(port.error());
  const auto read = readEndpoints(from, type == "IPv6" ? Address::Family::Ipv6 : Address::Family::Ipv4, *port, slice);
  if (!read) return Failure(read.error());
  return slice;
}

// ---- Order

// Versions are numbers in all servers there are, though they need not be; what is none has no order.
bool isOlder(const std::string& version, const std::string& than) {
  const auto a = parseDecimal(version);
  const auto b = parseDecimal(than);
  return a && b && *a < *b;
}

auto orderOf(const Address& address) {
  return std::tuple(address.family(), address.octets(), address.port());
}

}  // namespace

std::expected<SlicePage, std::string> readSlicePage(Bytes text, const ServicePort& port) {
  const json page = parse(text);
  if (!page.is_object()) return Failure("it is not a JSON object");
  const json* items = member(page, "items");
  SlicePage read{metadata(page, "resourceVersion"), metadata(page, "continue"), {}};
  if (read.version.empty()) return Failure("it is no list: there is no resourceVersion");
  if (items == nullptr) return read;
  if (!items->is_array()) return Failure("`items` is not a list");
  for (const json& item : *items) {
    auto slice = readSlice(item, port);
    if (!slice) return Failure(slice.error());
    read.slices.push_back(std::move(*slice));
  }
  return read;
}

std::expected<SliceEvent, std::string> readSliceEvent(Bytes text, const ServicePort& port) {
  using Kind = SliceEvent::Kind;
  const json line = parse(text);
  const json* object = member(line, "object");
  if (object == nullptr) return Failure("it is not a JSON object with a member `object`");
  const std::string type = textOf(line, "type");
  if (type == "ERROR") {
    const json* code = member(*object, "code");
    const bool gone = code != nullptr && *code == kGone;
    const std::string message = textOf(*object, "message");
    return SliceEvent{.kind = gone ? Kind::Expired : Kind::Failed,
                      .why = message.empty() ? "the watch has failed, without a word why" : message};
  }
  SliceEvent event{.version = metadata(*object, "resourceVersion")};
  if (event.version.empty()) return Failure("there is no resourceVersion");
  if (type == "BOOKMARK") return event;
  if (type == "DELETED") {
    event.kind = Kind::Gone;
    event.slice.name = metadata(*object, "name");
    event.slice.version = event.version;
    if (event.slice.name.empty()) return Failure("a slice has no name");
    return event;
  }
  if (type != "ADDED" && type != "MODIFIED") return Failure("its type is none that we know");
  auto slice = readSlice(*object, port);
  if (!slice) return Failure(slice.error());
  event.kind = Kind::Changed;
  event.slice = std::move(*slice);
  return event;
}

std::string statusMessage(Bytes text) {
  const json status = parse(text);
  return textOf(status, "kind") == "Status" ? textOf(status, "message") : std::string();
}

void EndpointSlices::replace(std::vector<EndpointSlice> slices, std::string version) {
  slices_.clear();
  version_ = std::move(version);
  for (EndpointSlice& slice : slices) {
    std::string name = slice.name;
    slices_.insert_or_assign(std::move(name), std::move(slice));
  }
}

bool EndpointSlices::apply(const SliceEvent& event) {
  if (isOlder(event.version, version_)) return false;
  if (event.kind == SliceEvent::Kind::Changed) {
    const auto known = slices_.find(event.slice.name);
    if (known != slices_.end() && isOlder(event.slice.version, known->second.version)) return false;
    slices_.insert_or_assign(event.slice.name, event.slice);
  }
  if (event.kind == SliceEvent::Kind::Gone) slices_.erase(event.slice.name);
  version_ = event.version;
  return true;
}

std::vector<Found> EndpointSlices::endpoints() const {
  std::vector<const SliceEndpoint*> usable;
  bool anyReady = false;
  for (const auto& [name, slice] : slices_) {
    for (const SliceEndpoint& endpoint : slice.endpoints) {
      usable.push_back(&endpoint);
      anyReady |= endpoint.ready;
    }
  }
  if (anyReady) std::erase_if(usable, [](const SliceEndpoint* endpoint) { return !endpoint->ready; });
  std::set<Bytes> podsOfFour;
  for (const SliceEndpoint* endpoint : usable) {
    if (endpoint->address.family() == Address::Family::Ipv4 && !endpoint->pod.empty()) podsOfFour.insert(endpoint->pod);
  }
  std::vector<Found> found;
  for (const SliceEndpoint* endpoint : usable) {
    const bool second = endpoint->address.family() == Address::Family::Ipv6 && podsOfFour.contains(endpoint->pod);
    if (!second) found.push_back({endpoint->address});
  }
  std::ranges::sort(found, {}, [](const Found& each) { return orderOf(each.address); });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::string EndpointSlices::whyNone() const {
  if (slices_.empty()) return "no EndpointSlice carries its name: is there such a service, and has it a selector?";
  size_t unusable = 0;
  std::set<std::string> names;
  for (const auto& [name, slice] : slices_) {
    unusable += slice.unusable;
    names.insert(slice.portNames.begin(), slice.portNames.end());
  }
  if (unusable == 0) return "it has no endpoints";
  if (names.empty()) return "none of its " + std::to_string(unusable) + " endpoints is ready";
  std::string listed;
  for (const std::string& name : names)
    listed += (listed.empty() ? "" : ", ") + (name.empty() ? "one without a name" : name);
  return "it has no port of that name, but: " + listed;
}

}  // namespace outrigger::control::discovery
