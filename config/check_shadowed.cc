// Routes that can never match, because an earlier one takes every request of theirs.
#include <algorithm>
#include <optional>
#include <unordered_map>

#include "config/draft.h"

namespace outrigger::config {
namespace {

// The routes before the present one, apart by whether they name one host: only those of the same host, and those of
// any host or of a suffix, can take its requests.
class Earlier {
 public:
  explicit Earlier(const std::vector<RouteModel>& routes) : routes_(routes) {}

  void add(size_t index) {
    const std::string& host = routes_[index].match.host;
    (namesHost(host) ? byHost_[host] : others_).push_back(index);
  }

  /// The first that shadows the route.
  std::optional<size_t> shadowing(const RouteModel& route) const {
    std::optional<size_t> first = firstOf(others_, route);
    if (!namesHost(route.match.host)) return first;
    const auto same = byHost_.find(route.match.host);
    if (same == byHost_.end()) return first;
    const auto other = firstOf(same->second, route);
    return first && other ? std::min(*first, *other) : other ? other : first;
  }

 private:
  static bool namesHost(const std::string& host) { return !host.empty() && !host.starts_with('.'); }

  std::optional<size_t> firstOf(const std::vector<size_t>& candidates, const RouteModel& route) const {
    for (const size_t index : candidates) {
      if (policy::shadows(routes_[index].match, route.match)) return index;
    }
    return std::nullopt;
  }

  const std::vector<RouteModel>& routes_;
  std::vector<size_t> others_;
  std::unordered_map<std::string, std::vector<size_t>> byHost_;
};

}  // namespace

void checkShadowedRoutes(const Draft& draft) {
  const auto& routes = draft.model.routes;
  Earlier earlier(routes);
  for (size_t i = 0; i < routes.size() && !routes[i].implicit; ++i) {
    if (const auto by = earlier.shadowing(routes[i])) {
      draft.diagnostics.report(Code::NeverMatches, routes[i].place,
                               "the route " + inQuotes(routes[i].name) +
                                   " never matches: " + inQuotes(routes[*by].name) + " in line " +
                                   std::to_string(routes[*by].place.line) + " takes all its requests",
                               "this route before that one");
    }
    earlier.add(i);
  }
}

}  // namespace outrigger::config
