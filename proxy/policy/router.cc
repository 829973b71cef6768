#include "proxy/policy/router.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>

#include "proxy/http/host.h"

namespace outrigger::policy {
namespace {

using PathKind = RouteMatch::PathKind;

constexpr int kPortUnknown = -1;
constexpr size_t kLongestName = 255;       // octets of a host; longer ones stand in no config
constexpr int64_t kRegexMemory = 1 << 18;  // for one expression's program and its cache of states, 256 KiB

struct TextHash {
  using is_transparent = void;
  size_t operator()(Bytes text) const { return std::hash<Bytes>{}(text); }
};

// Numbers of routes, ascending.
using Numbers = std::vector<uint32_t>;
using ByName = std::unordered_map<std::string, Numbers, TextHash, std::equal_to<>>;

std::unique_ptr<const RE2> compile(const std::string& expression) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kRegexMemory);
  return std::make_unique<const RE2>(expression, options);
}

// Calls each(suffix) for ".b.c" and ".c" of "a.b.c", the longest first; stops when `each` returns true.
template <class Each>
void forEachSuffix(Bytes host, Each&& each) {
  for (size_t dot = host.find('.'); dot != Bytes::npos; dot = host.find('.', dot + 1)) {
    if (each(host.substr(dot))) return;
  }
}

void merge(Numbers& into, const Numbers& more) {
  const auto middle = static_cast<std::ptrdiff_t>(into.size());
  into.insert(into.end(), more.begin(), more.end());
  std::inplace_merge(into.begin(), into.begin() + middle, into.end());
}

}  // namespace

// ---- One route ---------------------------------------------------------------------------------------------------

struct Router::Route {
  explicit Route(const RouteMatch& match);

  bool takes(const http::RequestHead& head, int port) const;
  bool takesPath(Bytes path) const;
  bool takesMethod(const http::RequestHead& head) const;
  bool takesPort(int port) const;
  bool takesFields(const http::FieldList& fields) const;

  bool always = false;  // whatever comes for its host
  bool anyMethod = true;
  PathKind pathKind;
  http::MethodSet methods;
  std::vector<std::string> otherMethods;
  std::string path;
  std::vector<uint16_t> ports;
  std::vector<std::pair<std::string, std::string>> headers;
  std::unique_ptr<const RE2> regex;
};

Router::Route::Route(const RouteMatch& match)
    : anyMethod(match.methods.empty()),
      pathKind(match.pathKind),
      path(match.path),
      ports(match.ports),
      headers(match.headers) {
  for (const std::string& name : match.methods) {
    const http::Method method = http::methodOf(name);
    if (method == http::Method::Other) {
      otherMethods.push_back(name);
    } else {
      methods.add(method);
    }
  }
  if (pathKind == PathKind::Prefix && (path.empty() || path == "/")) pathKind = PathKind::Any;
  if (pathKind == PathKind::Regex) regex = compile(path);
  always = anyMethod && pathKind == PathKind::Any && ports.empty() && headers.empty();
}

bool Router::Route::takes(const http::RequestHead& head, int port) const {
  return always || (takesMethod(head) && takesPath(head.path) && takesPort(port) && takesFields(head.fields));
}

bool Router::Route::takesPath(Bytes wanted) const {
  switch (pathKind) {
    case PathKind::Any: return true;
    case PathKind::Exact: return wanted == path;
    case PathKind::Prefix: return prefixTakes(path, wanted);
    case PathKind::Regex: break;
  }
  return RE2::FullMatch(re2::StringPiece(wanted.data(), wanted.size()), *regex);
}

bool Router::Route::takesMethod(const http::RequestHead& head) const {
  if (anyMethod) return true;
  if (head.method != http::Method::Other) return methods.has(head.method);
  return std::ranges::find(otherMethods, head.methodText) != otherMethods.end();
}

bool Router::Route::takesPort(int port) const {
  return ports.empty() || std::ranges::find(ports, port) != ports.end();
}

bool Router::Route::takesFields(const http::FieldList& fields) const {
  return std::ranges::all_of(headers, [&](const auto& wanted) {
    return std::ranges::any_of(fields, [&](const http::Field& field) {
      return equalsIgnoreCase(field.name, wanted.first) && field.value == wanted.second;
    });
  });
}

// ---- The routes of one direction, by host ------------------------------------------------------------------------

struct Router::Index {
  void add(const RouteMatch& match, uint32_t number);
  void complete(const std::vector<Route>& routes);
  void truncate(Numbers& numbers, const std::vector<Route>& routes) const;
  const Numbers& of(Bytes host) const;

  // While it is built: the routes of just that name. Afterwards: all that could take a request for it.
  ByName exact;
  ByName suffix;
  Numbers anyHost;
  bool readsAuthority = false;  // some route asks for a host or a port
};

void Router::Index::add(const RouteMatch& match, uint32_t number) {
  Numbers& numbers = match.host.empty()            ? anyHost
                     : match.host.starts_with('.') ? suffix[match.host]
                                                   : exact[match.host];
  numbers.push_back(number);
  readsAuthority = readsAuthority || !match.host.empty() || !match.ports.empty();
}

void Router::Index::complete(const std::vector<Route>& routes) {
  const ByName ownSuffix = suffix;
  const auto gather = [&](Bytes host, Numbers& numbers) {
    forEachSuffix(host, [&](Bytes wider) {
      const auto found = ownSuffix.find(wider);
      if (found != ownSuffix.end() && wider != host) merge(numbers, found->second);
      return false;
    });
    merge(numbers, anyHost);
    truncate(numbers, routes);
  };
  for (auto& [host, numbers] : exact) gather(host, numbers);
  for (auto& [host, numbers] : suffix) gather(host, numbers);
  truncate(anyHost, routes);
}

// What stands behind a route that takes everything is never reached.
void Router::Index::truncate(Numbers& numbers, const std::vector<Route>& routes) const {
  const auto last = std::ranges::find_if(numbers, [&](uint32_t number) { return routes[number].always; });
  if (last != numbers.end()) numbers.erase(last + 1, numbers.end());
  numbers.shrink_to_fit();
}

const Numbers& Router::Index::of(Bytes host) const {
  if (host.size() > kLongestName) return anyHost;
  std::array<char, kLongestName> storage;
  std::ranges::transform(host, storage.begin(), lowerAscii);
  const Bytes lower(storage.data(), host.size());
  if (const auto found = exact.find(lower); found != exact.end()) return found->second;
  const Numbers* numbers = &anyHost;
  if (suffix.empty()) return *numbers;
  forEachSuffix(lower, [&](Bytes ending) {
    const auto found = suffix.find(ending);
    if (found == suffix.end()) return false;
    numbers = &found->second;
    return true;
  });
  return *numbers;
}

// ---- The router --------------------------------------------------------------------------------------------------

Router::Router() = default;
Router::~Router() = default;

std::expected<std::unique_ptr<const Router>, Router::BadRegex> Router::build(const std::vector<RouteMatch>& matches) {
  std::unique_ptr<Router> router(new Router());
  for (const RouteMatch& match : matches) {
    const Route& route = router->routes_.emplace_back(match);
    if (route.regex && !route.regex->ok()) {
      return std::unexpected(BadRegex{router->routes_.size() - 1, route.regex->error()});
    }
  }
  router->index(matches);
  return router;
}

void Router::index(const std::vector<RouteMatch>& matches) {
  byDirection_.resize(kDirectionCount);
  for (uint32_t number = 0; number < matches.size(); ++number) {
    byDirection_[static_cast<size_t>(matches[number].direction)].add(matches[number], number);
  }
  for (Index& index : byDirection_) index.complete(routes_);
}

std::optional<size_t> Router::find(Direction direction, const http::RequestHead& head) const {
  const Index& index = byDirection_[static_cast<size_t>(direction)];
  const Numbers* numbers = &index.anyHost;
  int port = kPortUnknown;
  if (index.readsAuthority) {
    if (const auto authority = http::parseHost(head.authority)) {
      numbers = &index.of(authority->host);
      port = authority->port;
    }
  }
  for (const uint32_t number : *numbers) {
    if (routes_[number].takes(head, port)) return number;
  }
  return std::nullopt;
}

}  // namespace outrigger::policy
