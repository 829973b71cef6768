#include "control/injector/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "control/injector/webhook.h"
#include "control/telemetry/families.h"
#include "control/telemetry/process_stats.h"

namespace outrigger::control::injector {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

class Families {
 public:
  Families& begin(const telemetry::FamilyRow& row) {
    families_.push_back({row.name, row.help, row.type, {}});
    return *this;
  }
  Families& value(double value, Labels labels = {}) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = metric.gauge.value = value;  // the type says which one counts
    families_.back().metric.push_back(std::move(metric));
    return *this;
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

double seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void addReviews(Families& families, const WebhookCounts& counts) {
  families.begin(telemetry::familyRow("outrigger_injections_total"));
  const auto add = [&](const char* result, uint64_t count) {
    families.value(static_cast<double>(count), {{"result", result}});
  };
  add("injected", counts.injected);
  add("skipped", counts.skipped);
  add("refused", counts.refused);
  add("forbidden", counts.forbidden);
  add("malformed", counts.malformed);
}

void addConfig(Families& families, const InjectorFacts& facts) {
  families.begin(telemetry::familyRow("outrigger_config_last_reload_successful")).value(facts.lastLoadGood ? 1 : 0);
  families.begin(telemetry::familyRow("outrigger_config_last_reload_success_timestamp_seconds"))
      .value(seconds(facts.appliedAt));
  families.begin(telemetry::familyRow("outrigger_config_reloads_total"));
  families.value(static_cast<double>(facts.applied), {{"result", "applied"}});
  families.value(static_cast<double>(facts.rejected), {{"result", "rejected"}});
  families.begin(telemetry::familyRow("outrigger_config_info")).value(1, {{"hash", facts.configHash}});
  families.begin(telemetry::familyRow("outrigger_certificate_expiry_timestamp_seconds"))
      .value(seconds(facts.certificateExpiry), {{"name", "webhook"}});
}

void addProcess(Families& families, const InjectorFacts& facts) {
  families.begin(telemetry::familyRow("outrigger_build_info")).value(1, {{"version", OUTRIGGER_VERSION}});
  families.begin(telemetry::familyRow("outrigger_draining")).value(facts.draining ? 1 : 0);
  families.begin(telemetry::familyRow("process_start_time_seconds")).value(seconds(facts.startedAt));
  const auto stats = telemetry::readProcessStats();
  if (!stats) return;
  families.begin(telemetry::familyRow("process_cpu_seconds_total")).value(stats->cpuSeconds);
  families.begin(telemetry::familyRow("process_resident_memory_bytes"))
      .value(static_cast<double>(stats->residentBytes));
  families.begin(telemetry::familyRow("process_open_fds")).value(static_cast<double>(stats->openFds));
  families.begin(telemetry::familyRow("process_max_fds")).value(static_cast<double>(stats->maxFds));
}

}  // namespace

std::string metricsText(const InjectorFacts& facts, const WebhookCounts& counts) {
  Families families;
  addReviews(families, counts);
  addConfig(families, facts);
  addProcess(families, facts);
  return families.text();
}

}  // namespace outrigger::control::injector
