#include "control/injector/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "control/injector/webhook.h"
#include "control/telemetry/process_stats.h"

namespace outrigger::control::injector {
namespace {

using prometheus::MetricType;
using Labels = std::vector<prometheus::ClientMetric::Label>;

class Families {
 public:
  Families& begin(const char* name, const char* help, MetricType type) {
    families_.push_back({name, help, type, {}});
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
  families.begin("outrigger_injections_total", "Reviews of new pods, by what became of them.", MetricType::Counter);
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
  families
      .begin("outrigger_config_last_reload_successful", "Whether the newest config is the one in effect.",
             MetricType::Gauge)
      .value(facts.lastLoadGood ? 1 : 0);
  families
      .begin("outrigger_config_last_reload_success_timestamp_seconds", "When the config in effect was applied.",
             MetricType::Gauge)
      .value(seconds(facts.appliedAt));
  families.begin("outrigger_config_reloads_total", "Looks at a changed config or certificate, by what came of them.",
                 MetricType::Counter);
  families.value(static_cast<double>(facts.applied), {{"result", "applied"}});
  families.value(static_cast<double>(facts.rejected), {{"result", "rejected"}});
  families.begin("outrigger_config_info", "The config in effect.", MetricType::Gauge)
      .value(1, {{"hash", facts.configHash}});
  families
      .begin("outrigger_certificate_expiry_timestamp_seconds", "When certificates in use expire.", MetricType::Gauge)
      .value(seconds(facts.certificateExpiry), {{"name", "webhook"}});
}

void addProcess(Families& families, const InjectorFacts& facts) {
  families.begin("outrigger_build_info", "The program that runs.", MetricType::Gauge)
      .value(1, {{"version", OUTRIGGER_VERSION}});
  families.begin("outrigger_draining", "Whether the process is about to end.", MetricType::Gauge)
      .value(facts.draining ? 1 : 0);
  families.begin("process_start_time_seconds", "When the process started.", MetricType::Gauge)
      .value(seconds(facts.startedAt));
  const auto stats = telemetry::readProcessStats();
  if (!stats) return;
  families.begin("process_cpu_seconds_total", "CPU time, user and system.", MetricType::Counter)
      .value(stats->cpuSeconds);
  families.begin("process_resident_memory_bytes", "Memory in use.", MetricType::Gauge)
      .value(static_cast<double>(stats->residentBytes));
  families.begin("process_open_fds", "Open descriptors.", MetricType::Gauge).value(static_cast<double>(stats->openFds));
  families.begin("process_max_fds", "The most descriptors.", MetricType::Gauge)
      .value(static_cast<double>(stats->maxFds));
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
