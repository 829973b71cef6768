// What the admin and telemetry pages may see of the running process, and the few things they may ask of it. References
// stay valid while pages are served. The control thread only.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "control/discovery/discovery.h"
#include "control/drain.h"
#include "control/listener_table.h"
#include "control/log.h"
#include "control/reloader.h"
#include "control/telemetry/series_registry.h"
#include "control/tracing/exporter.h"
#include "control/worker_host.h"

namespace outrigger::control {

struct ProcessView {
  Turn& turn;
  const LogWriter& writer;
  const Reloader& reloader;
  const Drain& drain;
  const ListenerTable& listeners;
  const telemetry::SeriesRegistry& registry;
  const std::vector<std::unique_ptr<WorkerHost>>& hosts;
  /// The model in effect.
  const std::shared_ptr<const config::Model>& model;
  /// When certificates of the model in effect expire, by what they are.
  const std::map<std::string, WallTime>& certificates;
  WallTime startedAt;

  std::function<Reloader::Result()> reload;
  std::function<void()> beginDrain;
  std::function<void(Log::Level)> setLogLevel;

  const discovery::Discovery* discovery = nullptr;  ///< nullptr: nothing is looked up here
  const tracing::ExportCounts* spans = nullptr;     ///< nullptr: nothing is exported here
};

}  // namespace outrigger::control
