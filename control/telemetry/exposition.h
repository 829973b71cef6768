// Metrics as text: the Prometheus text format 0.0.4, and OpenMetrics 1.0. Both come from the same families; what
// differs are the names of counters in comments, units, how bounds are written, exemplars and the mark of the end.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/telemetry/sums.h"
#include "proxy/metrics/histogram.h"

namespace outrigger::control::telemetry {

enum class MetricType : uint8_t { Counter, Gauge, Histogram };
enum class TextFormat : uint8_t { Prometheus, OpenMetrics };

struct Label {
  const char* name;
  std::string value;
};
using Labels = std::vector<Label>;

inline Label label(const char* name, Bytes value) {
  return {name, std::string(value)};
}

class Family;
using Families = std::vector<Family>;

/// One family while its metrics are put in. The name of a counter ends in `_total`; a gauge whose name ends in `_info`
/// is always 1. `name` and `help` are constants.
class Family {
 public:
  Family(const char* name, const char* help, MetricType type) : name_(name), help_(help), type_(type) {}

  /// `labels` once, whatever order they have.
  void value(const Labels& labels, double value);
  void histogram(const Labels& labels, const HistogramSum& sum, const metrics::Bounds& bounds);

  /// A family without a metric is left out.
  void moveTo(Families& families) {
    if (!samples_.empty()) families.push_back(std::move(*this));
  }

  Bytes name() const { return name_; }
  void writeTo(std::string& text, TextFormat format) const;

 private:
  struct Sample {
    std::string labels;  ///< as written, without the braces
    double value = 0;
    size_t histogram = 0;  ///< index
  };

  void writeHead(std::string& text, TextFormat format) const;
  void writeHistogram(std::string& text, const Sample& sample, TextFormat format) const;

  Bytes name_;
  Bytes help_;
  MetricType type_;
  std::vector<Sample> samples_;
  std::vector<HistogramSum> histograms_;
  metrics::Bounds bounds_{std::span<const Duration>()};
};

std::string exposition(const Families& families, TextFormat format);
Bytes contentTypeOf(TextFormat format);

}  // namespace outrigger::control::telemetry
