// A service in the simulated network as an experiment needs it: so many workers with one queue, a law of service times,
// stalls, failures by share, death. Counts what it did, and for whom in vain. Upstream is the one to script single
// answers with. Owned by the World.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "tests/support/sim/law.h"
#include "tests/support/sim/message.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {

class Service {
 public:
  /// One request that is here. It outlives its connection where the service works on for a caller that has left.
  struct Job {
    std::string head;  ///< as it came
    Instant arrivedAt{};
    Instant startedAt = kNever;
    Instant endsAt = kNever;  ///< as far as it is known: of a task it is not
    Instant leftAt = kNever;  ///< when the service could have seen that its caller is gone
    Bytes field(Bytes name) const { return Message::fieldIn(head, name); }
  };
  enum class Failure : uint8_t {
    Status503,
    Reset,
    Close,
    Hang,  ///< no answer ever, though the worker goes on to the next request
  };
  /// What is done for a request after its service time; `reply` is called once, with the status of the answer.
  using Reply = std::function<void(int status)>;
  using Task = std::function<void(const Job& job, Reply reply)>;
  struct Counters {
    size_t begun = 0;       ///< requests whose last octet came
    size_t finished = 0;    ///< of these answered, with whatever status, be the caller there or not
    size_t failed = 0;      ///< failures that were asked for
    size_t left = 0;        ///< callers that did not wait for the answer
    size_t duplicates = 0;  ///< requests with a number that had come before
    Duration worked{};      ///< in all workers together
    Duration wasted{};      ///< of that, for callers that had left
    size_t mostInHand = 0;  ///< waiting and worked on
  };

  Service(Network& network, const Address& address, uint64_t seed);
  ~Service();

  const Address& address() const { return address_; }

  // What it is like. Each may change at any time, and holds for requests that are begun from then on.

  /// Workers; the requests beyond wait in one queue, first come, first served. Unlimited at first.
  Service& slots(size_t count);
  Service& takes(const Law& law);
  /// A share of the requests, from 0 to 1, fails so, after the usual time.
  Service& fails(double share, Failure how = Failure::Status503);
  /// Stops work, and does not begin any, for callers that have left. At first it does not notice.
  Service& noticesClose(bool notices = true);
  Service& does(Task task);

  /// No worker makes any progress for so long.
  void stall(Duration span);
  /// The process dies: connections are reset, new ones refused, work and queue are lost.
  void kill();
  void restart();

  // What became of it.

  const Counters& counters() const { return counters_; }
  size_t inHand() const { return queue_.size() + running_.size(); }
  size_t connectionsOpen() const { return connections_.size(); }
  /// Told of each request; of each caller that leaves before its answer; of each worker that is free again, at `now`.
  void onArrival(std::function<void(const Job&)> listener) { onArrival_ = std::move(listener); }
  void onLeft(std::function<void(const Job&)> listener) { onLeft_ = std::move(listener); }
  void onWorked(std::function<void(const Job&)> listener) { onWorked_ = std::move(listener); }

 private:
  class Connection;
  struct Work;  // a job on its way

  void accept(std::unique_ptr<MemoryTransport> transport);
  void remove(Connection& connection, Transport::CloseMode mode);
  void arrive(Connection& connection, const Message& message);
  void leave(const std::shared_ptr<Work>& work);
  void startNext();
  void onTime(const std::shared_ptr<Work>& work);
  void fail(const std::shared_ptr<Work>& work);
  void reply(const std::shared_ptr<Work>& work, int status);
  void release(Work& work);

  Network& network_;
  Address address_;
  Rng rng_;
  size_t slots_ = SIZE_MAX;
  Law law_ = Law::constant({});
  double failShare_ = 0;
  Failure failure_ = Failure::Status503;
  bool noticesClose_ = false;
  Task task_;
  Instant stalledUntil_{};
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<std::shared_ptr<Work>> queue_;
  std::vector<std::shared_ptr<Work>> running_;
  Counters counters_;
  std::unordered_set<uint64_t> numbers_;
  std::function<void(const Job&)> onArrival_;
  std::function<void(const Job&)> onLeft_;
  std::function<void(const Job&)> onWorked_;
};

}  // namespace outrigger::sim
