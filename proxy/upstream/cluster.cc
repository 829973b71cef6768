#include "proxy/upstream/cluster.h"

namespace outrigger::upstream {

using policy::Breaker;
using policy::Grade;

Cluster::Cluster(EndpointTools tools, std::shared_ptr<const ClusterSettings> settings, ClusterEvents& events)
    : tools_(tools),
      settings_(std::move(settings)),
      events_(events),
      budget_(settings_->policy.retry.budget, tools.turn.now),
      endpoints_(tools, *this, *this, *settings_) {
  if (settings_->policy.breaker) breaker_.emplace(*settings_->policy.breaker);
}

Cluster::~Cluster() = default;

void Cluster::configure(std::shared_ptr<const ClusterSettings> settings) {
  settings_ = std::move(settings);
  const policy::PolicySettings& policy = settings_->policy;
  const Breaker::State before = breakerState();
  if (!policy.breaker) {
    breaker_.reset();
  } else if (breaker_) {
    breaker_->configure(*policy.breaker);
  } else {
    breaker_.emplace(*policy.breaker);
  }
  noteBreaker(before);
  budget_.configure(policy.retry.budget, tools_.turn.now);
  endpoints_.configure(*settings_);
  tools_.turn.settleLater(*this);
}

void Cluster::retire() {
  retired_ = true;
  tools_.series.breakerState.set(0);
  endpoints_.retire();
}

std::shared_ptr<RouteState> Cluster::route(const std::string& name) {
  std::erase_if(routes_, [](const auto& route) { return route.second.expired(); });
  std::weak_ptr<RouteState>& known = routes_[name];
  std::shared_ptr<RouteState> state = known.lock();
  if (state == nullptr) known = state = std::make_shared<RouteState>();
  return state;
}

// ---- Asking and waiting

void Cluster::acquire(Waiter& waiter) {
  waiter.since_ = tools_.turn.now;
  Breaker::Ticket ticket;
  if (breaker_) {
    const Breaker::State before = breaker_->state();
    const auto admitted = breaker_->admit(tools_.turn.now);
    noteBreaker(before);
    if (!admitted) {
      return waiter.onRefused({localError(Reason::BreakerOpen, "the circuit breaker of this upstream is open")});
    }
    ticket = *admitted;
  }
  waiter.lease_ = Lease(*this, ticket, waiter.route());
  if (!pending_.empty()) return enqueue(waiter, metrics::Limit::Pending);  // nobody overtakes
  if (const auto full = dispatch(waiter)) enqueue(waiter, *full);
}

// Gives `waiter` what it needs, or tells which limit is in the way.
std::optional<metrics::Limit> Cluster::dispatch(Waiter& waiter) {
  Endpoint* endpoint = chooseEndpoint(waiter);
  if (endpoint == nullptr) {
    refuse(waiter, {localError(Reason::NoEndpoints, "no endpoint of this upstream may be used")});
    return std::nullopt;
  }
  policy::SharedLimit& requests = *settings_->requests;
  if (!requests.take(settings_->policy.limits.requests)) return metrics::Limit::Requests;
  H1Connection* idle = endpoint->takeIdle(waiter.unrepeatable());
  if (idle == nullptr && connections_ >= split(settings_->policy.limits.connections) && !endpoints_.closeOneIdle()) {
    requests.giveBack();
    return metrics::Limit::Connections;
  }
  waiter.lease_.endpoint_ = endpoint;
  waiter.lease_.ejectionsBefore_ = endpoint->record().ejections();
  endpoints_.begin(*endpoint);
  waiter.onEndpointChosen(*endpoint);
  if (idle != nullptr) {
    lease(waiter, *idle);
  } else {
    ++connections_;
    endpoint->connect(waiter, settings_->policy.timeout.connect);
  }
  return std::nullopt;
}

Endpoint* Cluster::chooseEndpoint(const Waiter& waiter) {
  Endpoint* chosen = endpoints_.pick(waiter.tried());
  if (chosen == nullptr || connections_ < split(settings_->policy.limits.connections) || chosen->hasIdle()) {
    return chosen;
  }
  // No new connection can be made: an idle one elsewhere is better than closing it to make room.
  Endpoint* other = endpoints_.findIdle(waiter.tried());
  return other != nullptr ? other : chosen;
}

void Cluster::lease(Waiter& waiter, H1Connection& connection) {
  Lease& lease = waiter.lease_;
  lease.stream_ = &connection.lease();
  endpoints_.onSent(*lease.endpoint_, lease.age_);
  waiter.onLease();
}

void Cluster::giveUpConnecting(Waiter& waiter, const policy::AttemptEnd& end) {
  Endpoint& endpoint = waiter.lease_.endpoint();
  const bool judged = policy::grade(end, settings_->policy.failures) != Grade::Neutral;
  waiter.lease_.observe(end, Duration::zero());
  waiter.withdraw();
  // Where nothing was said of the endpoint, the connect goes on, and its end says it.
  if (judged) endpoint.dropSpareDial();
}

void Cluster::enqueue(Waiter& waiter, metrics::Limit cause) {
  const uint32_t room = split(settings_->policy.limits.pending);
  if (settings_->policy.limits.pending == 0) return refuseLimit(waiter, cause);
  if (pendingCount_ >= room) return refuseLimit(waiter, metrics::Limit::Pending);
  pending_.pushBack(waiter);
  waiter.queue_ = &pendingCount_;
  ++pendingCount_;
  armPendingTimer();
}

void Cluster::refuse(Waiter& waiter, const Refusal& refusal) {
  waiter.withdraw();
  waiter.onRefused(refusal);
}

void Cluster::refuseLimit(Waiter& waiter, metrics::Limit limit) {
  tools_.series.limitRejections[static_cast<size_t>(limit)].add();
  switch (limit) {
    case metrics::Limit::Connections:
      return refuse(waiter, {localError(Reason::LimitConnections, "limits.connections is reached")});
    case metrics::Limit::Requests:
      return refuse(waiter, {localError(Reason::LimitRequests, "limits.requests is reached")});
    case metrics::Limit::Pending:
      return refuse(waiter, {localError(Reason::LimitPending, "limits.pending is reached")});
  }
}

void Cluster::servePending() {
  while (!pending_.empty()) {
    Waiter& next = pending_.front();
    next.unlink();
    next.leaveQueue();
    if (dispatch(next)) {  // still full: back to the head of the queue
      pending_.pushFront(next);
      next.queue_ = &pendingCount_;
      ++pendingCount_;
      break;
    }
  }
  armPendingTimer();
}

void Cluster::armPendingTimer() {
  if (pending_.empty()) return pendingTimer_.disarm();
  const auto timeout = settings_->policy.limits.pendingTimeout;
  Instant wake = timeout ? after(pending_.front().since_, *timeout) : kNever;
  // A place that another worker gives back makes no noise here.
  constexpr Duration kLookAgain = 2ms;
  if (settings_->workers > 1) wake = std::min(wake, tools_.turn.now + kLookAgain);
  tools_.turn.timers.arm(pendingTimer_, wake);
}

void Cluster::onPendingTimer() {
  const auto timeout = settings_->policy.limits.pendingTimeout;
  while (timeout && !pending_.empty() && pending_.front().since_ + *timeout <= tools_.turn.now) {
    refuse(pending_.front(), {localError(Reason::PendingTimeout, "no place became free within limits.pendingTimeout")});
  }
  servePending();
}

// ---- The endpoints' news

void Cluster::onConnectionFree(Endpoint&) {
  if (!pending_.empty()) tools_.turn.settleLater(*this);
}

void Cluster::onConnectionGone(Endpoint&) {
  --connections_;
  if (!pending_.empty()) tools_.turn.settleLater(*this);
}

void Cluster::onConnected(Endpoint&) {
  tools_.series.connects[static_cast<size_t>(metrics::ConnectResult::Ok)].add();
}

void Cluster::onConnectFailed(Endpoint& endpoint, const Error& error, Waiter* waiter) {
  const bool timedOut = error.reason == Reason::ConnectTimeout;
  const auto result = timedOut ? metrics::ConnectResult::Timeout : metrics::ConnectResult::Failed;
  tools_.series.connects[static_cast<size_t>(result)].add();
  policy::AttemptEnd end;
  end.result = policy::AttemptResult::Connect;
  end.reason = error.reason;
  end.unsent = end.connectLevel = true;
  end.localCause = error.origin == Origin::Local;
  if (waiter == nullptr) {  // the one it was for has been served otherwise, or has left: the news counts all the same
    policy::AttemptAge none;
    endpoints_.observe(endpoint, policy::grade(end, settings_->policy.failures), none);
    return;
  }
  waiter->lease_.observe(end, Duration::zero());
  refuse(*waiter, {error, true});
}

void Cluster::onReady(Waiter& waiter, H1Connection& connection) {
  lease(waiter, connection);
}

void Cluster::onEjection(const Endpoint& endpoint, const policy::EjectionNews& news) {
  events_.onEjection(*this, endpoint, news);
}

void Cluster::onReturned(const Endpoint& endpoint) {
  events_.onReturned(*this, endpoint);
}

// ---- What attempts tell

Grade Cluster::observe(Lease& lease, const policy::AttemptEnd& end, Duration latency) {
  Endpoint& endpoint = *lease.endpoint_;
  Grade grade = policy::grade(end, settings_->policy.failures);
  tools_.series.attempts[static_cast<size_t>(end.result)].add();
  // An endpoint that was ejected meanwhile has been judged; its late failures say nothing about the others.
  if (grade == Grade::Failure && endpoint.record().ejections() != lease.ejectionsBefore_) grade = Grade::Neutral;
  if (grade == Grade::Success) {
    budget_.onSuccess(tools_.turn.now);
    median_.add(latency);
    lease.route_->median.add(latency);
  }
  if (breaker_) {
    const Breaker::State before = breaker_->state();
    breaker_->observe(tools_.turn.now, lease.ticket_, grade, endpoint.id(), std::max(1U, endpoints_.usableCount()),
                      tools_.turn.rng);
    noteBreaker(before);
  }
  endpoints_.observe(endpoint, grade, lease.age_);
  return grade;
}

void Cluster::handBack(Breaker::Ticket ticket) {
  if (breaker_) breaker_->handBack(ticket);
}

void Cluster::release(Endpoint& endpoint, Grade grade) {
  settings_->requests->giveBack();
  endpoints_.end(endpoint, grade, median_.value());
  if (!pending_.empty()) tools_.turn.settleLater(*this);
}

Breaker::State Cluster::breakerState() const {
  return breaker_ ? breaker_->state() : Breaker::State::Closed;
}

Instant Cluster::breakerOpenUntil() const {
  return breaker_ ? breaker_->openUntil() : kNever;
}

void Cluster::adoptBreaker(Breaker::State state, Instant until) {
  if (!breaker_) return;
  if (state == Breaker::State::Open) breaker_->adoptOpen(until);
  if (state == Breaker::State::Closed) breaker_->adoptClosed(tools_.turn.now);
  showBreaker();
}

void Cluster::noteBreaker(Breaker::State before) {
  const Breaker::State now = breakerState();
  if (now == before) return;
  showBreaker();
  tools_.series.breakerTransitions[static_cast<size_t>(now)].add();
  if (now == Breaker::State::Open) endpoints_.forgiveRecent();
  if (!retired_) events_.onBreakerChanged(*this, before, now);
}

void Cluster::showBreaker() {
  if (!retired_) tools_.series.breakerState.set(static_cast<int64_t>(breakerState()));
}

// ---- Lease

void Lease::observe(const policy::AttemptEnd& end, Duration latency) {
  if (cluster_ == nullptr || std::exchange(observed_, true)) return;
  grade_ = cluster_->observe(*this, end, latency);
}

void Lease::release() {
  Cluster* cluster = std::exchange(cluster_, nullptr);
  if (cluster == nullptr) return;
  age_.drop();
  if (!observed_) cluster->handBack(ticket_);
  if (endpoint_ != nullptr) cluster->release(*endpoint_, grade_);
}

}  // namespace outrigger::upstream
