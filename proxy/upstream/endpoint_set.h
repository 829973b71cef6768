// The endpoints of one upstream, and which of them may be used: balancing, passive ejection and return, health checks,
// slow start. Each gets what ejection leaves it times what its readiness allows; where nobody is ready all are used.
// There may be none at all, where nobody has found one yet. Owned by its Cluster; one worker's thread.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "proxy/metrics/series.h"
#include "proxy/policy/balancer.h"
#include "proxy/upstream/cluster_settings.h"
#include "proxy/upstream/endpoint.h"
#include "proxy/upstream/health_watch.h"

namespace outrigger::upstream {

/// Hears of endpoints that leave or come back, or would (mode observe).
class EndpointSetEvents {
 public:
  virtual void onEjection(const Endpoint& endpoint, const policy::EjectionNews& news) = 0;
  virtual void onReturned(const Endpoint& endpoint) = 0;
  virtual void onReadiness(const Endpoint& endpoint, policy::ReadinessNews news) = 0;
  virtual void onPanic(bool panics) = 0;

 protected:
  ~EndpointSetEvents() = default;
};

class EndpointSet final : private HealthWatchEvents {
 public:
  EndpointSet(EndpointTools tools, EndpointHome& home, EndpointSetEvents& events, const ClusterSettings& settings);

  /// Endpoints are matched by address; those that stay keep all that was learned of them.
  void configure(const ClusterSettings& settings);

  /// Chooses an endpoint; one of `tried` only if no other may be used. nullptr: none may.
  Endpoint* pick(std::span<const uint32_t> tried, std::optional<policy::Affinity> affinity);
  /// Any usable endpoint that has room on a connection, and is not among `tried`.
  Endpoint* findFree(std::span<const uint32_t> tried, Protocol wanted);
  bool hasOther(std::span<const uint32_t> tried) const;
  /// Closes an idle connection of whichever endpoint has one.
  bool closeOneIdle();

  /// An attempt at that endpoint begins, and ends.
  void begin(Endpoint& endpoint);
  void end(Endpoint& endpoint, policy::Grade grade, Duration medianLatency);

  /// The request of an attempt goes out: its age counts from now on.
  void onSent(Endpoint& endpoint, policy::AttemptAge& age);
  /// Tells the balancer how an attempt ended.
  void learnLatency(Endpoint& endpoint, const policy::AttemptEnd& end, policy::Grade grade, Duration latency);
  /// Tells ejection how an attempt ended.
  void observe(Endpoint& endpoint, policy::Grade grade, policy::AttemptAge& age);
  /// The upstream as a whole is down: what was ejected in the last 10 s comes back.
  void forgiveRecent();

  /// It has told that it goes: nothing more for it, for `eject.baseTime` or until a check passes.
  void markDraining(Endpoint& endpoint);
  /// Another worker's health checks have come to this.
  void adoptHealth(const Address& endpoint, bool unhealthy);

  /// Takes an endpoint out by hand until then, or with nullopt back in, also where ejection has taken it out.
  enum class ByHand : uint8_t {
    Done,
    Unknown,  ///< no such endpoint
    Last,     ///< to be taken out, but no other one may be used
    NotOut,   ///< to be brought back, but nobody had taken it out
  };
  ByHand hold(const Address& endpoint, std::optional<Instant> until);

  /// Its upstream is configured no longer: it shows no states from now on.
  void retire();

  size_t size() const { return endpoints_.size(); }
  uint32_t usableCount() const;
  template <class Each>
  void forEach(Each&& each) const {
    for (size_t i = 0; i < endpoints_.size(); ++i) each(*endpoints_[i], candidates_[i]);
  }

 private:
  std::optional<uint32_t> indexOf(uint32_t endpointId) const;
  std::optional<size_t> indexOf(const Address& address) const;
  void adopt(std::unique_ptr<Endpoint> endpoint, policy::Candidate candidate);
  void useAll();
  void refreshShares();
  void lookForPanic();
  void onChecked(Endpoint& endpoint, std::optional<policy::ReadinessNews> news) override;
  void showStates();
  void tell(policy::Ejection::News news);
  void armAgeTimer();
  void onAgeTimer();
  void onReturnTimer();
  void endHeld();
  void buryUnused();

  EndpointTools tools_;
  EndpointHome& home_;
  EndpointSetEvents& events_;

  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::vector<policy::Candidate> candidates_;     // parallel to endpoints_
  std::vector<policy::EndpointRecord*> records_;  // parallel to endpoints_
  std::vector<std::unique_ptr<Endpoint>> leaving_;
  std::vector<uint32_t> triedIndices_;  // scratch of pick()
  uint32_t nextId_ = 0;
  bool allHealthy_ = true;
  bool panics_ = false;  // so few are usable that all are used
  bool anonymous_ = false;
  bool retired_ = false;
  bool enforced_ = true;               // else what ejection decides is told, and not done
  bool checked_ = false;               // there are health checks, here or at another worker
  std::optional<Duration> slowStart_;  // as configured
  Duration drainTime_{};               // for which a word that it drains holds
  HealthWatch checks_;
  policy::Balancer balancer_;
  policy::Ejection ejection_;

  /// A failed attempt keeps its in-flight unit for the median latency, so that fast failures do not attract.
  struct Held {
    Instant until;
    uint32_t endpointId;
  };
  std::deque<Held> held_;
  Timer<EndpointSet, &EndpointSet::onReturnTimer> returnTimer_{*this};
  Timer<EndpointSet, &EndpointSet::onAgeTimer> ageTimer_{*this};
};

}  // namespace outrigger::upstream
