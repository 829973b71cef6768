// What ties the app's own calls to the request that it makes them for (POLICIES §2). While a request is with the app,
// its id is known here, and a call of the app that carries the same x-request-id, or else the same trace id, shares its
// fate: it takes the smaller deadline, and ends with it when the caller has left. What the app begins after that for
// the same request is not sent at all: the ids of abandoned requests are remembered for a while. An id counts only
// while one request alone has it. One worker's thread: a call that another worker serves is on its own.
#pragma once

#include <span>
#include <vector>

#include "proxy/base/bytes.h"
#include "proxy/base/list.h"
#include "proxy/base/time.h"

namespace outrigger::exchange {

class InboundCall;
struct InboundKeyTag;
struct FollowerTag;

/// A call of the app. A member of its exchange, or its base.
class Follower : public ListNode<FollowerTag> {
 public:
  /// The request that it was made for is not wanted any more. It follows nobody from now on.
  virtual void onCallerGone() = 0;

 protected:
  ~Follower() = default;
};

class InboundCalls {
 public:
  InboundCalls() : buckets_(kBuckets), abandoned_(kBuckets) {}

  /// The one request that has this id; nullptr: none has, or several.
  InboundCall* find(Bytes id);
  /// No request has this id, but one had it a short time ago that its caller has given up.
  bool abandoned(Bytes id, Instant now);

 private:
  friend class InboundCall;
  static constexpr size_t kBuckets = 1024;
  static constexpr size_t kPlaces = 8;

  struct Key : ListNode<InboundKeyTag> {
    InboundCall* call = nullptr;
    size_t hash = 0;
    Bytes id;
  };
  using Bucket = List<Key, InboundKeyTag>;
  struct Abandoned {
    size_t hash = 0;
    Instant until{};
  };

  void add(Key& key, InboundCall& call, Bytes id);
  Bucket& bucket(size_t hash) { return buckets_[hash % kBuckets]; }

  size_t count(size_t hash, Bytes id, InboundCall** last);
  void remember(const Key& key, Instant now);
  std::span<Abandoned> placesFor(size_t hash);

  std::vector<Bucket> buckets_;
  std::vector<Abandoned> abandoned_;  // by hash, in groups of kPlaces; the youngest takes the place of the oldest
};

/// A request that is with the app. A member of its exchange.
class InboundCall {
 public:
  /// The ids stay valid until close().
  void open(InboundCalls& calls, Bytes requestId, Bytes traceId, Instant deadline);
  /// It has ended; its followers go on alone.
  void close();
  /// Its caller has left, or the caller's deadline has passed: so the followers end, too.
  void abandon(Instant now);

  Instant deadline() const { return deadline_; }
  void follow(Follower& follower) { followers_.pushBack(follower); }

  /// A service below is overloaded: nobody above should try this request again.
  bool noRetry = false;

 private:
  InboundCalls::Key byRequest_;
  InboundCalls::Key byTrace_;
  InboundCalls* calls_ = nullptr;
  Instant deadline_ = kNever;
  List<Follower, FollowerTag> followers_;
};

}  // namespace outrigger::exchange
