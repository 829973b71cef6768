// The one place where it is decided what follows an upstream's endpoints. The control thread only.
#pragma once

#include <memory>

#include "config/model.h"
#include "control/discovery/kubernetes_sources.h"
#include "control/discovery/source.h"
#include "proxy/net/event_loop.h"

namespace outrigger::control::discovery {

/// For an upstream without endpoints of its own. nullptr: this build has nothing that could. All outlive the source.
std::unique_ptr<Source> makeSource(net::EventLoop& loop, KubernetesSources& kubernetes,
                                   const config::UpstreamModel& upstream, SourceEvents& events);

}  // namespace outrigger::control::discovery
