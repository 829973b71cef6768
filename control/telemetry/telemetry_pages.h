// What is open to others: /metrics, /ready and /live, and nothing else (CONTRACT §7). The control thread only.
#pragma once

#include "control/page_server.h"
#include "control/process_view.h"
#include "control/telemetry/exposition.h"

namespace outrigger::control::telemetry {

std::string metricsText(const ProcessView& view, TextFormat format);
/// /metrics, in the format and the coding that `request` asks for.
Page metricsPage(const ProcessView& view, const PageRequest& request);
/// Whether the process should get traffic; `blockers` as JSON.
Page readyPage(const ProcessView& view);
/// Whether every worker's loop still comes round.
Page livePage(const ProcessView& view);

/// Puts /metrics, /ready and /live among the pages of `server`; `view` outlives it.
void addTelemetryPages(PageServer& server, const ProcessView& view);

class TelemetryPages {
 public:
  explicit TelemetryPages(ProcessView view);

  http::StreamHandler& handler() { return server_; }

 private:
  ProcessView view_;
  PageServer server_;
};

}  // namespace outrigger::control::telemetry
