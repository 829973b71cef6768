// What ties the app's own calls to the request that it makes them for (POLICIES §2). While a request is with the app,
// its id is known here, and a call of the app that carries the same x-request-id, or else the same trace id, shares its
// fate: it takes the smaller deadline, and ends with it when the caller has left. An id counts only while one request
// alone has it. One worker's thread: a call that another worker serves is on its own.
#pragma once

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
  InboundCalls() : buckets_(kBuckets) {}

  /// The one request that has this id; nullptr: none has, or several.
  InboundCall* find(Bytes id);

 private:
  friend class InboundCall;
  static constexpr size_t kBuckets = 1024;

  struct Key : ListNode<InboundKeyTag> {
    InboundCall* call = nullptr;
    size_t hash = 0;
    Bytes id;
  };
  using Bucket = List<Key, InboundKeyTag>;

  void add(Key& key, InboundCall& call, Bytes id);
  Bucket& bucket(size_t hash) { return buckets_[hash % kBuckets]; }

  std::vector<Bucket> buckets_;
};

/// A request that is with the app. A member of its exchange.
class InboundCall {
 public:
  /// The ids stay valid until close().
  void open(InboundCalls& calls, Bytes requestId, Bytes traceId, Instant deadline);
  /// It has ended; its followers go on alone.
  void close();
  /// Its caller has left, or the caller's deadline has passed: so the followers end, too.
  void abandon();

  Instant deadline() const { return deadline_; }
  void follow(Follower& follower) { followers_.pushBack(follower); }

  /// A service below is overloaded: nobody above should try this request again.
  bool noRetry = false;

 private:
  InboundCalls::Key byRequest_;
  InboundCalls::Key byTrace_;
  Instant deadline_ = kNever;
  List<Follower, FollowerTag> followers_;
};

}  // namespace outrigger::exchange
