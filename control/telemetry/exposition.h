// Metrics as text: the Prometheus text format 0.0.4 as prometheus-cpp writes it, and OpenMetrics 1.0, which it does not
// know: counters without `_total` in comments, units, bounds as floats, exemplars and the mark of the end. Pure.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <vector>

#include "control/telemetry/families.h"
#include "control/telemetry/sums.h"
#include "proxy/metrics/histogram.h"

namespace outrigger::control::telemetry {

enum class TextFormat : uint8_t { Prometheus, OpenMetrics };

using Labels = std::vector<prometheus::ClientMetric::Label>;

inline prometheus::ClientMetric::Label label(Bytes name, Bytes value) {
  return {std::string(name), std::string(value)};
}

class Family;
using Families = std::vector<Family>;

/// One family while its metrics are put in. The name of a counter ends in `_total`; a gauge whose name ends in `_info`
/// is always 1.
class Family {
 public:
  explicit Family(const FamilyRow& row) : family_{row.name, row.help, row.type, {}} {}

  /// `labels` once, whatever order they have.
  void value(Labels labels, double value);
  void histogram(Labels labels, const HistogramSum& sum, const metrics::Bounds& bounds);

  /// A family without a metric is left out.
  void moveTo(Families& families) {
    if (!family_.metric.empty()) families.push_back(std::move(*this));
  }

  prometheus::MetricFamily take() && { return std::move(family_); }
  void writeOpenMetrics(std::string& text) const;

 private:
  void writeHead(std::string& text) const;
  void writeHistogram(std::string& text, const prometheus::ClientMetric& metric,
                      const std::vector<BucketExemplar>& exemplars) const;

  prometheus::MetricFamily family_;
  std::vector<std::vector<BucketExemplar>> exemplars_;  // of a histogram: for each metric
};

std::string exposition(Families families, TextFormat format);
Bytes contentTypeOf(TextFormat format);

}  // namespace outrigger::control::telemetry
