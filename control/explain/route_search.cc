#include "control/explain/route_search.h"

#include "proxy/policy/router.h"

namespace outrigger::control::explain {
namespace {

using policy::RouteMatch;
using policy::Router;

bool takes(const RouteMatch& match, const http::RequestHead& head) {
  const auto router = Router::build({match});
  return router && (*router)->find(match.direction, head).has_value();
}

// The conditions are added one by one until the route no longer takes the request.
Condition firstUnmet(const RouteMatch& match, const http::RequestHead& head) {
  RouteMatch some{.direction = match.direction, .host = match.host};
  if (!takes(some, head)) return Condition::Host;
  some.ports = match.ports;
  if (!takes(some, head)) return Condition::Port;
  some.methods = match.methods;
  if (!takes(some, head)) return Condition::Method;
  some.pathKind = match.pathKind;
  some.path = match.path;
  return takes(some, head) ? Condition::Header : Condition::Path;
}

}  // namespace

RouteSearch searchRoutes(const std::vector<config::RouteModel>& routes, Direction direction,
                         const http::RequestHead& head) {
  std::vector<RouteMatch> matches;
  for (const config::RouteModel& route : routes) matches.push_back(route.match);
  RouteSearch search;
  const auto router = Router::build(matches);
  if (router) search.found = (*router)->find(direction, head);
  for (size_t i = 0; i < search.found.value_or(routes.size()); ++i) {
    if (routes[i].match.direction == direction) search.before.push_back({i, firstUnmet(routes[i].match, head)});
  }
  return search;
}

}  // namespace outrigger::control::explain
