// Which requests a route takes, as the config states it. A plain value; the router compiles it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proxy/base/bytes.h"
#include "proxy/base/direction.h"

namespace outrigger::policy {

struct RouteMatch {
  enum class PathKind : uint8_t {
    Any,
    Exact,
    Prefix,  ///< whole segments: "/v1" takes "/v1" and "/v1/x", not "/v1x"; "/v1/" takes no "/v1"; "/" takes everything
    Regex,   ///< RE2, the whole path
  };

  Direction direction = Direction::Outbound;
  /// Lower case, an IPv6 address without brackets. Empty: any; ".suffix": any name that ends so.
  std::string host{};
  /// Of the request's authority; 0 stands for "none was given". Empty: any.
  std::vector<uint16_t> ports{};
  std::vector<std::string> methods{};  ///< empty: any; case-sensitive
  PathKind pathKind = PathKind::Any;
  std::string path{};
  std::vector<std::pair<std::string, std::string>> headers{};  ///< name and exact value; all must be there
};

/// Whether a Prefix route of that `prefix` takes `path`. Where it does, the path begins with the octets of the prefix.
bool prefixTakes(Bytes prefix, Bytes path);

/// True if `later` can never match because `earlier`, which stands before it, takes every request that it would.
/// Never wrongly true; may be false where only a proof about regular expressions would tell.
bool shadows(const RouteMatch& earlier, const RouteMatch& later);

}  // namespace outrigger::policy
