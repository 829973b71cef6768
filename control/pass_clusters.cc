#include "control/pass_clusters.h"

#include <algorithm>

namespace outrigger::control {
namespace {

policy::PolicySettings withoutJudgement(policy::PolicySettings policy) {
  policy.retry.limit = std::min(policy.retry.limit, 1U);
  policy.retry.when = {.unsent = true, .reset = false, .timeout = false, .statuses = {}};
  policy.hedge.percent = 0;
  policy.breaker.reset();
  policy.eject.reset();
  return policy;
}

}  // namespace

upstream::ClusterSettings passageCluster(Direction direction, const policy::PolicySettings& policy) {
  upstream::ClusterSettings cluster;
  cluster.name = direction == Direction::Inbound ? "passthrough-inbound" : "passthrough";
  cluster.policy = withoutJudgement(policy);
  cluster.protocol = Protocol::Auto;
  cluster.anonymous = true;
  return cluster;
}

upstream::ClusterSettings probeCluster(std::string name, const Address& app, const policy::PolicySettings& policy) {
  upstream::ClusterSettings cluster;
  cluster.name = std::move(name);
  cluster.endpoints = {{app, app}};
  cluster.policy = withoutJudgement(policy);
  cluster.protocol = Protocol::Http1;
  return cluster;
}

bool passesUnknown(const config::Model& model, Direction direction) {
  if (direction == Direction::Inbound) return model.redirect.enabled;
  using Unknown = config::OutboundModel::Unknown;
  const Unknown byDefault = model.redirect.enabled ? Unknown::Passthrough : Unknown::Refuse;
  return model.outbound.unknown.value_or(byDefault) == Unknown::Passthrough;
}

}  // namespace outrigger::control
