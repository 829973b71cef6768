// Which route takes a request, and what each one before it asked for that the request has not. By the router itself.
// Pure.
#pragma once

#include <optional>
#include <vector>

#include "config/model.h"
#include "proxy/http/message.h"

namespace outrigger::control::explain {

/// What a route asks for, in the order in which explanations look.
enum class Condition : uint8_t { Host, Port, Method, Path, Header };

struct PassedOver {
  size_t route;         ///< its number in Model::routes
  Condition condition;  ///< the first that does not hold
};

struct RouteSearch {
  std::optional<size_t> found;
  std::vector<PassedOver> before;  ///< of that direction, in the order of the file
};

/// `routes`: every regular expression in them compiles.
RouteSearch searchRoutes(const std::vector<config::RouteModel>& routes, Direction direction,
                         const http::RequestHead& head);

}  // namespace outrigger::control::explain
