// A service that fails in parts, for the loopback experiments: many endpoints in one process, each a port with a law of
// service times, slots behind a queue, and faults that are switched while it runs. Counts what reached it. One loop,
// one thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "proxy/http/h1/server_codec.h"
#include "proxy/net/listener.h"
#include "tests/bench/exact_timer.h"
#include "tests/bench/http_client.h"

namespace outrigger::bench {

/// How long an answer takes.
struct Law {
  enum class Kind : uint8_t { Constant, Exponential, Lognormal };
  Kind kind = Kind::Constant;
  Duration typical{};  ///< the time itself, the mean, the median
  double sigma = 0;    ///< of the logarithm, with Lognormal

  Duration draw(Rng& rng) const;
};

/// What becomes of a request instead of a good answer, at the end of its service time.
enum class Fault : uint8_t {
  None,
  Unavailable,  ///< 503
  Reset,        ///< the connection is reset
  Hang,         ///< no answer, ever
  // What a crash does to a ledger's entry.
  CrashBeforeRead,   ///< reset before the request is looked at
  CrashAfterRead,    ///< reset before the entry is made
  CrashAfterCommit,  ///< reset behind it
  CrashMidReply,     ///< reset in the middle of the answer
  Refuse,            ///< a good answer; but the port refuses connections for kRefusing, and idle ones are reset
};

struct Behaviour {
  Law law;
  double scale = 1;        ///< of every service time
  double extraShare = 0;   ///< of the answers, 0 to 1, that
  Duration extra{};        ///< ... take so much longer
  size_t slots = 0;        ///< requests served at once, the others wait in order; 0: any number
  bool notices = false;    ///< stops working when the caller has left
  double faultShare = 0;   ///< of the requests that meet
  Fault fault{};           ///< ... this
  double crashShare = 0;   ///< of the requests that meet one of the crashes, Refuse and Unavailable
  double afterCommit = 0;  ///< ... of which so many crash behind their entry, the others all alike
  bool ledger = false;     ///< answers are entries in the process's ledger, by the request's `x-id`
  bool knowsKeys = false;  ///< the ledger answers an id that it has without a new entry
  bool healthy = true;     ///< what a GET of /healthz is told, at once and not counted
  Duration deadline{};     ///< of callers, after their `x-sent` (microseconds of the monotonic clock); 0: not watched
};

struct Counts {
  uint64_t begun = 0;                            ///< requests that arrived
  uint64_t finished = 0;                         ///< served to the end, whoever still listened
  uint64_t departed = 0;                         ///< ... when the caller had left, or its deadline had passed
  Duration worked{};                             ///< on all of them, stopped ones too
  Duration wasted{};                             ///< ... when the caller had left, or its deadline had passed
  uint64_t stopped = 0;                          ///< given up because the caller left
  uint64_t late = 0;                             ///< arrived more than kOnItsWay after the caller's deadline
  uint64_t faults = 0;                           ///< that were met
  uint64_t readTwice = 0;                        ///< requests whose id had been read before; ledgers only
  uint64_t entries = 0;                          ///< in the ledger
  uint64_t duplicates = 0;                       ///< entries whose id was there already
  size_t mostQueued = 0;                         ///< requests that waited for a slot at once
  std::vector<uint32_t> series;                  ///< arrivals for each 100 ms since the process began
  std::vector<std::pair<Instant, Instant>> met;  ///< arrival and answer of the first kMostMet requests that met a fault
  std::vector<float> leftAfter;  ///< milliseconds from a deadline to the caller's leaving; watched deadlines only
};

class Service;

/// One port.
class Endpoint {
 public:
  Endpoint(Service& service, uint16_t port);
  ~Endpoint();

  Behaviour behaviour;
  Counts counts;

  /// All that is being served takes so much longer, and so does what begins before that is over.
  void stall(Duration span);
  /// Every answer needs one of `host` through `through`; the request's `x-request-id` and `x-sent` are sent on.
  void callOn(const Address& through, const std::string& host);
  /// As if the process were killed: connections are reset, work is forgotten, the port refuses. And its return.
  void kill();
  void revive();

 private:
  class Connection;
  struct Job;
  friend class Service;

  static constexpr Duration kRefusing = 10ms;
  static constexpr Duration kOnItsWay = 2ms;  // what was sent in time may arrive so much later

  Fault drawFault();
  void accept(net::AcceptedSocket socket);
  void onRequest(Connection& caller);
  bool stopsFor(const Job& job) const;
  void onCallerGone(Job& job);
  void onConnectionLost(Job& job);
  void begin(Job& job);
  void schedule(Job& job, Instant due);
  void onServed(Job& job, uint16_t status);
  void commit(const Job& job);
  void end(Job& job);
  void refuseForAWhile(const Connection* spared);
  void remove(Connection& connection);

  Service& service_;
  Address address_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::unordered_map<uint64_t, std::unique_ptr<Job>> jobs_;
  std::deque<Job*> queue_;
  size_t busy_ = 0;
  Instant stalledUntil_{};
  std::unique_ptr<HttpClient> next_;
  std::string nextHost_;
  Timer<Endpoint, &Endpoint::revive> reviving_{*this};
};

class Service {
 public:
  explicit Service(net::EventLoop& loop);

  Endpoint& at(uint16_t port);
  std::map<uint16_t, std::unique_ptr<Endpoint>>& endpoints() { return endpoints_; }
  /// Zeroes the counts and forgets the ledger; series begin anew from now.
  void resetCounts();
  Instant countingSince() const { return since_; }

 private:
  friend class Endpoint;
  static constexpr Duration kBucket = 100ms;
  static constexpr size_t kMostMet = 50'000;

  void onDue();
  void arm();

  net::EventLoop& loop_;
  http::h1::HeadScratch scratch_;
  http::h1::HeadLimits limits_;
  Instant since_;
  uint64_t lastJob_ = 0;
  std::unordered_set<std::string> read_;  // ids
  std::unordered_set<std::string> ledger_;
  std::multimap<Instant, Endpoint::Job*> due_;
  Instant armedFor_ = kNever;
  ExactTimer timer_;
  std::map<uint16_t, std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace outrigger::bench
