// Finds the route of a request: the first match wins. Immutable once built; read by every worker at once.
//
// The routes that could match one host are gathered when the router is built, so that a look-up costs one hash and the
// few routes of that host, however many others there are.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/http/message.h"
#include "proxy/policy/route_match.h"

namespace outrigger::policy {

class Router {
 public:
  /// Compiles the matches; the index of each is its route's number. The error names a route whose regular expression
  /// RE2 refuses, and why.
  struct BadRegex {
    size_t route;
    std::string why;
  };
  static std::expected<std::unique_ptr<const Router>, BadRegex> build(const std::vector<RouteMatch>& matches);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  ~Router();

  /// The number of the first route that takes this request. `head.path` has no dot segments; an authority that cannot
  /// be split matches only routes without host and ports.
  std::optional<size_t> find(Direction direction, const http::RequestHead& head) const;

 private:
  struct Route;
  struct Index;

  Router();
  void index(const std::vector<RouteMatch>& matches);

  std::vector<Route> routes_;
  std::vector<Index> byDirection_;
};

}  // namespace outrigger::policy
