#include "proxy/policy/route_match.h"

#include <algorithm>

namespace outrigger::policy {
namespace {

using PathKind = RouteMatch::PathKind;

bool hostCovers(const std::string& earlier, const std::string& later) {
  if (earlier.empty() || earlier == later) return true;
  return earlier.starts_with('.') && later.ends_with(earlier);
}

// An empty list takes everything.
template <class T>
bool listCovers(const std::vector<T>& earlier, const std::vector<T>& later) {
  if (earlier.empty()) return true;
  return !later.empty() && std::ranges::all_of(later, [&](const T& element) {
    return std::ranges::find(earlier, element) != earlier.end();
  });
}

bool pathCovers(const RouteMatch& earlier, const RouteMatch& later) {
  if (earlier.pathKind == PathKind::Prefix) {
    if (prefixTakes(earlier.path, "*")) return true;
    return (later.pathKind == PathKind::Exact || later.pathKind == PathKind::Prefix) &&
           prefixTakes(earlier.path, later.path);
  }
  return earlier.pathKind == PathKind::Any || (earlier.pathKind == later.pathKind && earlier.path == later.path);
}

bool headersCover(const RouteMatch& earlier, const RouteMatch& later) {
  return std::ranges::all_of(earlier.headers, [&](const auto& wanted) {
    return std::ranges::any_of(later.headers, [&](const auto& other) {
      return equalsIgnoreCase(wanted.first, other.first) && wanted.second == other.second;
    });
  });
}

}  // namespace

bool prefixTakes(Bytes prefix, Bytes path) {
  if (prefix.empty() || prefix == "/") return true;
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/';
}

bool shadows(const RouteMatch& earlier, const RouteMatch& later) {
  return earlier.direction == later.direction && hostCovers(earlier.host, later.host) &&
         listCovers(earlier.ports, later.ports) && listCovers(earlier.methods, later.methods) &&
         pathCovers(earlier, later) && headersCover(earlier, later);
}

}  // namespace outrigger::policy
