// What somebody wants of an endpoint: to eject it by hand for a while, or to restore it. Pure.
#pragma once

#include <expected>
#include <string>

#include "config/model.h"
#include "proxy/base/address.h"
#include "proxy/base/time.h"

namespace outrigger::control::admin {

/// Behind it: UPSTREAM/ADDRESS/eject or UPSTREAM/ADDRESS/restore, names percent-encoded.
inline constexpr const char* kEndpointOrders = "/api/endpoints/";

struct EndpointOrder {
  static constexpr Duration kUsualTime = 5min;
  static constexpr Duration kLongestTime = 24h;

  std::string upstream;
  Address address;
  bool eject = false;
  Duration time = kUsualTime;  ///< with eject
};

/// `path` begins with kEndpointOrders. `body`: empty, or JSON such as {"for_ms": 60000}. The error is a sentence.
std::expected<EndpointOrder, std::string> readEndpointOrder(Bytes path, const std::string& body);

/// A sentence for an order that meets nobody: what of it is unknown, and what there is.
std::string noSuchEndpoint(const config::Model& model, const EndpointOrder& order);

}  // namespace outrigger::control::admin
