// The port that looks names up: net/dns_resolver asks the DNS, tests answer from memory. On the loop's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/base/address.h"
#include "proxy/base/time.h"

namespace outrigger {

/// What a name stands for.
struct Resolved {
  struct Place {
    Address address;
    uint32_t weight = 1;  ///< at least 1; what an SRV record says, else 1
    bool operator==(const Place&) const = default;
  };
  std::vector<Place> places;  ///< at least one, each address once, in the order of the answer
  Duration ttl{};             ///< for how long this may be believed; 0 for what the hosts file says
};

struct ResolveError {
  enum class Kind : uint8_t {
    NoSuchName,   ///< the servers say so
    NoAddresses,  ///< the name is there; nothing that can be dialled is
    TimedOut,     ///< nobody answered
    Failed,       ///< the servers could not say, or we could not ask
  };
  Kind kind = Kind::Failed;
  const char* detail = "";  ///< a sentence for a person without a full stop; a string literal
};

class ResolveSink {
 public:
  /// The Resolution may die in here.
  virtual void onResolved(Resolved resolved) = 0;
  /// Likewise.
  virtual void onResolveFailed(const ResolveError& error) = 0;

 protected:
  ~ResolveSink() = default;
};

/// One look-up under way. Destroying it cancels: no call follows.
class Resolution {
 public:
  virtual ~Resolution() = default;
};

/// Never calls the sink from inside resolve(); calls it once, later, within a bounded time. Outlives its Resolutions.
class Resolver {
 public:
  virtual ~Resolver() = default;
  /// Addresses of both families, each with `port`.
  virtual std::unique_ptr<Resolution> resolve(const std::string& name, uint16_t port, ResolveSink& sink) = 0;
  /// What the SRV records of `name` ("_http._tcp.orders.shop") tell: of the lowest priority only, targets looked up.
  virtual std::unique_ptr<Resolution> resolveService(const std::string& name, ResolveSink& sink) = 0;
};

}  // namespace outrigger
