// Passive removal of single endpoints (POLICIES §4). An endpoint is left out for a while if it fails many times in a
// row, more than its siblings' failure share makes likely; if it fails more often than they (policy/rate_test.h); if it
// answers more slowly than they (policy/latency_watch.h). It comes back through a ramp. Never the last one, never more
// than maxPercent. Pure: one worker's, or the simulator's.
//
// What is decided comes back as a list of news with its numbers. In `mode: observe` all is decided in the same way;
// that nothing is carried out is up to the caller, who leaves the shares at 1. A record then behaves as if it were out
// until its time is over, so that the same ejection is not told with every request.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "proxy/base/rng.h"
#include "proxy/policy/endpoint_record.h"
#include "proxy/policy/outcome.h"

namespace outrigger::policy {

/// One decision, and what it rests on.
struct EjectionNews {
  enum class Kind : uint8_t {
    Ejected,
    Suspected,  ///< half-way to an ejection for its latency: gets a quarter of its share
    Cleared,    ///< suspected no longer
    FleetSlow,  ///< it is slow, and so are others: nobody is suspected any more
  };
  Kind kind = Kind::Ejected;
  EndpointRecord* endpoint = nullptr;

  /// Of an ejection. What follows is filled in by its cause.
  EjectCause cause = EjectCause::Consecutive;
  bool returning = false;   ///< it was returning from an ejection before
  uint32_t run = 0;         ///< Consecutive: failures in a row
  RateEvidence rates{};     ///< Errors
  uint32_t slow = 0;        ///< Latency and the kinds about it: so many
  uint32_t answers = 0;     ///< of so many last requests
  Duration bar{};           ///< took longer than this,
  uint32_t barPercent = 0;  ///< which is this part of the others' 99th percentile
  size_t others = 0;        ///< FleetSlow: how many others are slow as well
};

class Ejection {
 public:
  using Records = std::span<EndpointRecord* const>;
  using News = std::span<const EjectionNews>;

  /// nullopt: nothing is ever ejected.
  explicit Ejection(const std::optional<EjectSettings>& settings) { configure(settings); }
  void configure(const std::optional<EjectSettings>& settings);
  /// Brings the settings to a record: to each after configure(), and to new ones.
  void tune(EndpointRecord& record) const;

  /// The request of an attempt at `me` goes out: its age counts from here.
  void begin(Instant now, EndpointRecord& me, AttemptAge& attempt) { watch_.begin(now, attempt, me); }

  /// One attempt at `me` ended. `all` holds every endpoint of the upstream, `me` included. What an ejected endpoint's
  /// late answers say only counts in its window. Where an ejection is not allowed now, the evidence stays and the next
  /// failure asks again. The news are valid until the next call.
  News observe(Instant now, EndpointRecord& me, Records all, Grade grade, AttemptAge& attempt, Rng& rng);
  /// The same of an attempt whose request never went out.
  News observe(Instant now, EndpointRecord& me, Records all, Grade grade, Rng& rng) {
    AttemptAge none;
    return observe(now, me, all, grade, none, rng);
  }

  /// When to call advance(): the oldest request under way passes the bar. kNever: nothing to wait for.
  Instant nextPassing() { return watch_.nextPassing(); }
  /// Counts the requests that have become slow, though they are not answered yet.
  News advance(Instant now, Records all, Rng& rng);

  /// Lets an endpoint whose time is up come back (as Returning). True if its state changed. Cheap; called before each
  /// pick, or at ejectedUntil().
  bool refresh(Instant now, EndpointRecord& me);
  /// One that is ejected comes back at the next refresh().
  static void pardon(Instant now, EndpointRecord& me) { me.ejectedUntil_ = std::min(me.ejectedUntil_, now); }

  /// The breaker has opened: the upstream is down as a whole, so ejections of the last 10 s say nothing. Undoes them:
  /// each endpoint is again what it was before.
  void forgiveRecent(Instant now, Records all);

  /// Endpoints have left the upstream, or maxPercent has fallen, and now more are out than may be, or all. Then those
  /// that are out begin to return: each gets a tenth of its share and more as it succeeds.
  bool tooManyOut(Records all) const;
  static void beginReturn(EndpointRecord& me);

  /// So few endpoints are left, whatever took the others out, that those would be overrun: all are to be used, each by
  /// panicShare(). Below half, or below what an explicit maxPercent above 50 leaves in use: who allows three of four to
  /// go wants the fourth to be used alone.
  bool panics(size_t usable, size_t endpoints) const;
  /// Its recent success share, at least 0.05.
  static double panicShare(Instant now, const EndpointRecord& me);

  /// How long a run must be, given the failure share of the other endpoints: max(n, ⌈13.8 / −ln(p + 0.01)⌉).
  static uint32_t runNeeded(uint32_t consecutive, double othersFailureShare);
  /// What makes a request slow; nullopt: not known yet.
  std::optional<Duration> bar() const { return watch_.bar(); }

 private:
  void observeSuccess(Instant now, EndpointRecord& me) const;
  void observeFailure(Instant now, EndpointRecord& me, Records all, Rng& rng);
  void observeRelapse(Instant now, EndpointRecord& me, Records all, Rng& rng);
  bool runIsTooLong(Instant now, const EndpointRecord& me, Records all) const;
  std::optional<RateEvidence> failsTooOften(Instant now, const EndpointRecord& me, Records all);
  void observeSlow(Instant now, EndpointRecord& me, Records all, Rng& rng);
  void observeFast(EndpointRecord& me);
  void blameTheFleet(Instant now, EndpointRecord& me, Records all, size_t others);
  EjectionNews latencyNews(EjectionNews::Kind kind, EndpointRecord& me) const;

  bool mayEject(const EndpointRecord& me, Records all) const;
  size_t mostOut(size_t endpoints) const;
  bool eject(Instant now, EndpointRecord& me, Records all, EjectionNews why, Rng& rng);
  void forgetOldEjections(Instant now, EndpointRecord& me) const;
  static void heal(Instant now, EndpointRecord& me);
  static void absolve(EndpointRecord& me);

  std::optional<EjectSettings> settings_;
  LatencyWatch watch_;
  std::vector<EjectionNews> news_;          // of the present call
  std::vector<RateWindow::Counts> counts_;  // scratch of failsTooOften()
  Instant nextFleetNews_ = Instant::min();
};

}  // namespace outrigger::policy
