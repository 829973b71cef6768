// Settings of the clusters that belong to no upstream of the file: what goes to unknown hosts, and the app's health
// probes. Pure.
#pragma once

#include "config/model.h"
#include "proxy/upstream/cluster_settings.h"

namespace outrigger::control {

/// What no upstream names is passed on: within the timeouts and limits of the policy, and tried again only where
/// nothing was delivered. Nothing is learned of a place that nobody has vouched for.
upstream::ClusterSettings passageCluster(Direction direction, const policy::PolicySettings& policy);

/// Who asks whether the app is well must hear it from the app: no limit but that of connections stands between.
upstream::ClusterSettings probeCluster(std::string name, const Address& app, const policy::PolicySettings& policy);

/// Whether calls in that direction to what no route names are passed on.
bool passesUnknown(const config::Model& model, Direction direction);

}  // namespace outrigger::control
