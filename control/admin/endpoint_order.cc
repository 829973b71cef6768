#include "control/admin/endpoint_order.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "control/names.h"
#include "control/percent.h"

namespace outrigger::control::admin {
namespace {

using Error = std::unexpected<std::string>;

constexpr const char* kForm =
    "the path is /api/endpoints/UPSTREAM/ADDRESS/eject or .../restore, with percent-encoded names";

std::expected<Duration, std::string> timeOf(const std::string& body) {
  if (body.empty()) return EndpointOrder::kUsualTime;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_null() || (json.is_object() && json.empty())) return EndpointOrder::kUsualTime;
  const auto time = json.is_object() ? json.find("for_ms") : json.end();
  const bool whole = time != json.end() && time->is_number_unsigned();
  const auto milliseconds = whole ? time->get<uint64_t>() : 0;
  if (milliseconds == 0 || milliseconds > static_cast<uint64_t>(wholeMilliseconds(EndpointOrder::kLongestTime))) {
    return Error("send nothing, or how long: {\"for_ms\": 60000}, from 1 to 86400000");
  }
  return std::chrono::milliseconds(milliseconds);
}

}  // namespace

std::expected<EndpointOrder, std::string> readEndpointOrder(Bytes path, const std::string& body) {
  path.remove_prefix(Bytes(kEndpointOrders).size());
  std::vector<std::string> parts;
  for (size_t at = 0; at <= path.size();) {
    const size_t slash = std::min(path.find('/', at), path.size());
    auto part = percentDecoded(path.substr(at, slash - at));
    if (!part || parts.size() == 3) return Error(kForm);
    parts.push_back(std::move(*part));
    at = slash + 1;
  }
  if (parts.size() != 3 || (parts[2] != "eject" && parts[2] != "restore")) return Error(kForm);
  const auto address = Address::parse(parts[1]);
  if (!address) {
    return Error("'" + parts[1] + "' is no address of an endpoint (" + std::string(address.error()) +
                 "): it looks like 10.0.0.7:8080");
  }
  EndpointOrder order{.upstream = parts[0], .address = *address, .eject = parts[2] == "eject"};
  const auto time = timeOf(body);
  if (!time) return Error(time.error());
  order.time = *time;
  return order;
}

std::string noSuchEndpoint(const config::Model& model, const EndpointOrder& order) {
  const bool known =
      order.upstream == "app" || std::ranges::count(model.upstreams, order.upstream, &config::UpstreamModel::name) > 0;
  if (!known) return "the config has no upstream '" + order.upstream + "': " + namesOf(model.upstreams);
  return "upstream '" + order.upstream + "' has no endpoint " + order.address.text() +
         ": /api/upstreams, or `outrigger endpoint list`, shows those that it has";
}

}  // namespace outrigger::control::admin
