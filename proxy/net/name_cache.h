// What names stand for, for as long as their TTL says: one look-up serves all who dial a name meanwhile. Bad answers
// are kept for a second, so that a storm of requests is not a storm of queries; servers that are away do not take back
// what they said before. On the loop's thread; outlives its waiters.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "proxy/base/list.h"
#include "proxy/base/resolver.h"
#include "proxy/base/turn.h"

namespace outrigger::net {

struct NameWaiterTag;

/// Wants to know a name. One that dies is not called.
class NameWaiter : public ListNode<NameWaiterTag> {
 public:
  /// At least one address, in the order in which to try them; the ports are 0. Valid during the call. This may die in
  /// it.
  virtual void onName(const std::vector<Address>& addresses) = 0;
  /// Likewise.
  virtual void onNoName(const ResolveError& error) = 0;

 protected:
  ~NameWaiter() = default;
};

class NameCache {
 public:
  static constexpr Duration kLeast = 1s;  ///< an answer is kept this long at least, a bad one exactly
  static constexpr Duration kMost = 60s;
  static constexpr size_t kMostNames = 1'000;

  NameCache(Turn& turn, Resolver& resolver) : turn_(turn), resolver_(resolver) {}

  /// Calls `waiter` once, after the present callback. False: too many names are being looked up; no call follows.
  bool ask(Bytes host, NameWaiter& waiter);
  size_t size() const { return names_.size(); }

 private:
  class Name final : private ResolveSink, private AtSettle {
   public:
    Name(NameCache& cache, std::string host) : cache_(cache), host_(std::move(host)) {}
    void add(NameWaiter& waiter);
    bool isWanted() { return resolution_ != nullptr || telling_ || !waiters_.empty(); }
    Instant until() const { return until_; }

   private:
    void onResolved(Resolved resolved) override;
    void onResolveFailed(const ResolveError& error) override;
    void onAnswered(Duration ttl);
    void tell();
    void atSettle() override { tell(); }

    NameCache& cache_;
    const std::string host_;
    std::unique_ptr<Resolution> resolution_;
    std::vector<Address> addresses_;
    ResolveError error_;  // where there are no addresses
    Instant until_{};
    bool telling_ = false;
    List<NameWaiter, NameWaiterTag> waiters_;
  };

  bool makeRoom();

  Turn& turn_;
  Resolver& resolver_;
  std::unordered_map<std::string, std::unique_ptr<Name>> names_;
};

/// IPv6 and IPv4 in turn, IPv6 first (RFC 8305 §4); within each family the order stays.
std::vector<Address> inTurns(const std::vector<Resolved::Place>& places);

}  // namespace outrigger::net
