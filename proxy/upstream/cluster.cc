#include "proxy/upstream/cluster.h"

#include <algorithm>

namespace outrigger::upstream {

using policy::Grade;

namespace {

Error breakerOpen() {
  return localError(Reason::BreakerOpen, "the circuit breaker of this upstream is open");
}

}  // namespace

Cluster::Cluster(EndpointTools tools, std::shared_ptr<const ClusterSettings> settings, ClusterEvents& events)
    : tools_(tools),
      settings_(std::move(settings)),
      events_(events),
      budget_(settings_->policy.retry.budget, tools.turn.now),
      breakers_(tools.turn, tools.series, routes_, *this),
      endpoints_(tools, *this, *this, *settings_) {
  breakers_.configure(settings_->policy);
}

Cluster::~Cluster() = default;

void Cluster::configure(std::shared_ptr<const ClusterSettings> settings) {
  settings_ = std::move(settings);
  const policy::PolicySettings& policy = settings_->policy;
  routes_.beginReload();
  reloaded_ = true;
  breakers_.configure(policy);
  budget_.configure(policy.retry.budget, tools_.turn.now);
  endpoints_.configure(*settings_);
  tools_.turn.settleLater(*this);
}

void Cluster::retire() {
  retired_ = true;
  breakers_.retire();
  endpoints_.retire();
}

std::shared_ptr<RouteState> Cluster::route(const std::string& name) {
  std::shared_ptr<RouteState> state = routes_.get(name);
  breakers_.prepare(*state);
  return state;
}

void Cluster::atSettle() {
  if (std::exchange(reloaded_, false)) breakers_.show();  // of the routes that are left
  servePending();
}

// ---- Asking and waiting

void Cluster::acquire(Waiter& waiter) {
  waiter.since_ = tools_.turn.now;
  const auto ticket = breakers_.admit(waiter.route(), !waiter.tried().empty());
  if (!ticket) return waiter.onRefused({breakerOpen()});
  waiter.lease_ = Lease(*this, *ticket, waiter.route());
  if (!pending_.empty()) return enqueue(waiter, metrics::Limit::Pending);  // nobody overtakes
  if (const auto full = dispatch(waiter)) enqueue(waiter, *full);
}

bool Cluster::acquireBeside(Waiter& waiter) {
  if (!breakers_.closed(waiter.route()) || !pending_.empty() || !endpoints_.hasOther(waiter.tried())) return false;
  waiter.since_ = tools_.turn.now;
  const auto ticket = breakers_.admit(waiter.route(), true);
  if (!ticket) return false;
  waiter.lease_ = Lease(*this, *ticket, waiter.route());
  if (!dispatch(waiter)) return true;
  waiter.withdraw();
  return false;
}

// Gives `waiter` what it needs, or tells which limit is in the way.
std::optional<metrics::Limit> Cluster::dispatch(Waiter& waiter) {
  Endpoint* endpoint = chooseEndpoint(waiter);
  if (endpoint == nullptr) {
    if (settings_->awaited && settings_->policy.limits.pending > 0) return metrics::Limit::Pending;
    refuse(waiter, {localError(Reason::NoEndpoints, "no endpoint of this upstream may be used")});
    return std::nullopt;
  }
  policy::SharedLimit& requests = *settings_->requests;
  if (!requests.take(settings_->policy.limits.requests)) return metrics::Limit::Requests;
  const Protocol protocol = endpoint->speaks(protocolFor(waiter));
  UpstreamConnection* free = endpoint->takeFree(protocol, waiter.unrepeatable());
  const bool joins = free == nullptr && endpoint->canJoin(protocol);
  if (free == nullptr && !joins && !mayConnect() && !endpoints_.closeOneIdle()) {
    requests.giveBack();
    return metrics::Limit::Connections;
  }
  waiter.lease_.endpoint_ = endpoint;
  waiter.lease_.holdsPlace_ = true;
  waiter.lease_.ejectionsBefore_ = endpoint->record().ejections();
  endpoints_.begin(*endpoint);
  waiter.onEndpointChosen(*endpoint);
  if (free != nullptr) {
    lease(waiter, *free);
  } else if (joins) {
    endpoint->join(waiter, protocol);
  } else {
    ++connections_;
    endpoint->connect(waiter, protocol, settings_->policy.timeout.connect);
  }
  return std::nullopt;
}

Protocol Cluster::protocolFor(const Waiter& waiter) const {
  return settings_->protocol == Protocol::Auto ? waiter.protocol() : settings_->protocol;
}

Endpoint* Cluster::chooseEndpoint(const Waiter& waiter) {
  const bool hashes = settings_->balance.kind == policy::Balance::Hash;
  Endpoint* chosen = endpoints_.pick(waiter.tried(), hashes ? waiter.affinity() : std::nullopt);
  const Protocol wanted = protocolFor(waiter);
  if (chosen == nullptr || mayConnect() || chosen->hasFree(chosen->speaks(wanted))) return chosen;
  // No new connection can be made: a free one elsewhere is better than closing it to make room.
  Endpoint* other = endpoints_.findFree(waiter.tried(), wanted);
  return other != nullptr ? other : chosen;
}

void Cluster::lease(Waiter& waiter, UpstreamConnection& connection) {
  Lease& lease = waiter.lease_;
  lease.stream_ = &connection.lease();
  // How soon a tunnel's peer speaks is no matter of how well it is.
  if (!waiter.isTunnel()) endpoints_.onSent(*lease.endpoint_, lease.age_);
  waiter.onLease();
}

void Cluster::giveUpConnecting(Waiter& waiter, const policy::AttemptEnd& end) {
  Endpoint& endpoint = waiter.lease_.endpoint();
  const bool judged = policy::grade(end, settings_->policy.failures) != Grade::Neutral;
  waiter.lease_.observe(end, tools_.turn.now - waiter.since_);
  waiter.withdraw();
  // Where nothing was said of the endpoint, the connect goes on, and its end says it.
  if (judged) endpoint.dropSpareDial();
}

void Cluster::stopConnecting(Waiter& waiter) {
  Endpoint& endpoint = waiter.lease_.endpoint();
  waiter.withdraw();
  endpoint.dropSpareDial();
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
    if (tooOld(next)) {
      refuseTooOld(next);
      continue;
    }
    next.unlink();
    next.leaveQueue();
    if (!stillAdmitted(next)) continue;
    if (dispatch(next)) {  // still full: back to the head of the queue
      pending_.pushFront(next);
      next.queue_ = &pendingCount_;
      ++pendingCount_;
      break;
    }
  }
  armPendingTimer();
}

// The breaker may have opened while it waited: what would be refused now is not sent.
bool Cluster::stillAdmitted(Waiter& waiter) {
  const auto ticket = breakers_.renew(waiter.route(), waiter.lease_.ticket_);
  if (ticket) {
    waiter.lease_.ticket_ = *ticket;
  } else {
    refuse(waiter, {breakerOpen()});
  }
  return ticket.has_value();
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
  servePending();  // what is too old stands in front
}

bool Cluster::tooOld(const Waiter& waiter) const {
  const auto timeout = settings_->policy.limits.pendingTimeout;
  return timeout && waiter.since_ + *timeout <= tools_.turn.now;
}

void Cluster::refuseTooOld(Waiter& waiter) {
  if (settings_->awaited) {
    return refuse(waiter, {localError(Reason::NoEndpoints, "nothing has told the endpoints of this upstream yet")});
  }
  refuse(waiter, {localError(Reason::PendingTimeout, "no place became free within limits.pendingTimeout")});
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

void Cluster::onConnectFailed(Endpoint& endpoint, const Error& error, List<Waiter, WaiterTag>& waiters) {
  const bool timedOut = error.reason == Reason::ConnectTimeout;
  const auto result = timedOut ? metrics::ConnectResult::Timeout : metrics::ConnectResult::Failed;
  tools_.series.connects[static_cast<size_t>(result)].add();
  policy::AttemptEnd end;
  end.result = policy::AttemptResult::Connect;
  end.reason = error.reason;
  end.unsent = end.connectLevel = true;
  end.localCause = error.origin == Origin::Local;
  if (waiters.empty()) {  // those it was for have been served otherwise, or have left: the news counts all the same
    policy::AttemptAge none;
    endpoints_.observe(endpoint, policy::grade(end, settings_->policy.failures), none);
  }
  while (Waiter* waiter = waiters.popFront()) {
    waiter->lease_.observe(end, tools_.turn.now - waiter->since_);
    refuse(*waiter, {error, true});
  }
}

bool Cluster::takeConnectionPlace() {
  const bool may = mayConnect();
  if (may) ++connections_;
  return may;
}

void Cluster::onReady(Waiter& waiter, UpstreamConnection& connection) {
  lease(waiter, connection);
}

void Cluster::onEjection(const Endpoint& endpoint, const policy::EjectionNews& news) {
  events_.onEjection(*this, endpoint, news);
}

void Cluster::onReturned(const Endpoint& endpoint) {
  events_.onReturned(*this, endpoint);
}

void Cluster::onBreakerChanged(const BreakerChange& change) {
  // The upstream as a whole is down, not those that seemed worse than the others just now.
  if (change.breaker.state() == policy::Breaker::State::Open) endpoints_.forgiveRecent();
  if (!retired_) events_.onBreakerChanged(*this, change);
}

void Cluster::onReadiness(const Endpoint& endpoint, policy::ReadinessNews news) {
  events_.onReadiness(*this, endpoint, news);
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
  breakers_.observe(*lease.route_, lease.ticket_,
                    {grade, latency, endpoint.id(), std::max(1U, endpoints_.usableCount())});
  endpoints_.observe(endpoint, grade, lease.age_);
  endpoints_.learnLatency(endpoint, end, grade, latency);
  return grade;
}

void Cluster::givePlaceBack() {
  settings_->requests->giveBack();
  if (!pending_.empty()) tools_.turn.settleLater(*this);
}

void Cluster::leaveBehind(Lease lease) {
  leftovers_.push_back(
      std::make_unique<Leftover>(tools_.turn, *this, std::move(lease), settings_->policy.timeout.idle));
}

void Cluster::bury(Leftover& leftover) {
  const auto at = std::ranges::find(leftovers_, &leftover, &std::unique_ptr<Leftover>::get);
  tools_.turn.graveyard.bury(std::move(*at));
  leftovers_.erase(at);
}

void Cluster::release(Endpoint& endpoint, Grade grade) {
  endpoints_.end(endpoint, grade, median_.value());
  if (!pending_.empty()) tools_.turn.settleLater(*this);
}

// ---- Lease

void Lease::answered() {
  if (cluster_ != nullptr) age_.stop(cluster_->tools_.turn.now);
}

void Lease::observe(const policy::AttemptEnd& end, Duration latency) {
  if (cluster_ == nullptr || std::exchange(observed_, true)) return;
  grade_ = cluster_->observe(*this, end, latency);
}

void Lease::leavePlace() {
  if (cluster_ != nullptr && std::exchange(holdsPlace_, false)) cluster_->givePlaceBack();
}

void Lease::markDraining() {
  if (cluster_ != nullptr && endpoint_ != nullptr) cluster_->endpoints_.markDraining(*endpoint_);
}

void Lease::release() {
  Cluster* cluster = std::exchange(cluster_, nullptr);
  if (cluster == nullptr) return;
  age_.drop();
  if (!observed_) cluster->handBack(*route_, ticket_);
  if (std::exchange(holdsPlace_, false)) cluster->givePlaceBack();
  if (endpoint_ != nullptr) cluster->release(*endpoint_, grade_);
}

}  // namespace outrigger::upstream
