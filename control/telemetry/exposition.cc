#include "control/telemetry/exposition.h"

#include <prometheus/text_serializer.h>

#include <charconv>
#include <cmath>

#include "proxy/exchange/trace_context.h"

namespace outrigger::control::telemetry {
namespace {

using prometheus::MetricType;

constexpr Bytes kTotal = "_total";
constexpr Bytes kInfo = "_info";
constexpr double kSmallestPlain = 1e-9;
constexpr double kExactIntegers = 9007199254740992.0;  // 2^53

void appendEscaped(std::string& text, Bytes value, bool quotes) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) text += '\\';
      text += c;
    }
  }
}

// The shortest text that reads back as the same number; without an exponent where people read it: never 1.8e+09.
void appendNumber(std::string& text, double value) {
  char buffer[48];
  const double size = std::abs(value);
  const bool plain = value == 0 || (size >= kSmallestPlain && size < kExactIntegers);
  text.append(buffer, plain ? std::to_chars(buffer, std::end(buffer), value, std::chars_format::fixed).ptr
                            : std::to_chars(buffer, std::end(buffer), value).ptr);
}

void appendCount(std::string& text, uint64_t count) {
  char buffer[24];
  text.append(buffer, std::to_chars(buffer, std::end(buffer), count).ptr);
}

// OpenMetrics wants bounds as floats: 1.0, where the other format has 1.
void appendBound(std::string& text, double bound) {
  const size_t before = text.size();
  appendNumber(text, bound);
  if (text.find('.', before) == std::string::npos) text += ".0";
}

void appendExemplar(std::string& text, const metrics::Exemplar& exemplar) {
  char digits[2 * 16];
  exchange::writeSpanId(digits, exemplar.trace[0]);
  exchange::writeSpanId(digits + 16, exemplar.trace[1]);
  text.append(" # {trace_id=\"").append(digits, sizeof(digits)).append("\"} ");
  appendNumber(text, seconds(exemplar.value));
  text += ' ';
  appendNumber(text, static_cast<double>(exemplar.at.time_since_epoch() / 1ms) / 1000);
}

Bytes without(Bytes name, Bytes suffix) {
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

Bytes unitOf(Bytes family) {
  for (const Bytes unit : {Bytes("seconds"), Bytes("bytes")}) {
    if (family.ends_with(unit)) return unit;
  }
  return {};
}

std::string written(const Labels& labels) {
  std::string text;
  for (const auto& label : labels) {
    if (!text.empty()) text += ',';
    text.append(label.name).append("=\"");
    appendEscaped(text, label.value, true);
    text += '"';
  }
  return text;
}

void appendLine(std::string& text, Bytes name, Bytes suffix, Bytes labels) {
  text.append(name).append(suffix);
  if (!labels.empty()) text.append("{").append(labels).append("}");
  text += ' ';
}

}  // namespace

void Family::value(Labels labels, double value) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = metric.gauge.value = value;  // the type says which one counts
  family_.metric.push_back(std::move(metric));
}

void Family::histogram(Labels labels, const HistogramSum& sum, const metrics::Bounds& bounds) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.histogram.sample_count = sum.count();
  metric.histogram.sample_sum = seconds(Duration(static_cast<int64_t>(sum.nanoseconds)));
  uint64_t cumulated = 0;
  for (size_t i = 0; i < bounds.size(); ++i) {
    cumulated += sum.buckets[i];
    metric.histogram.bucket.push_back({cumulated, seconds(bounds[i])});
  }
  family_.metric.push_back(std::move(metric));
  exemplars_.push_back(sum.exemplars);
}

void Family::writeHead(std::string& text) const {
  const Bytes full = family_.name;
  const bool info = family_.type == MetricType::Gauge && full.ends_with(kInfo);
  const Bytes kind = info                                    ? "info"
                     : family_.type == MetricType::Counter   ? "counter"
                     : family_.type == MetricType::Histogram ? "histogram"
                                                             : "gauge";
  const Bytes name = info ? without(full, kInfo) : family_.type == MetricType::Counter ? without(full, kTotal) : full;
  text.append("# HELP ").append(name).append(" ");
  appendEscaped(text, family_.help, true);
  text.append("\n# TYPE ").append(name).append(" ").append(kind).append("\n");
  if (const Bytes unit = unitOf(name); !unit.empty()) {
    text.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
  }
}

void Family::writeHistogram(std::string& text, const prometheus::ClientMetric& metric,
                            const std::vector<BucketExemplar>& exemplars) const {
  const std::string labels = written(metric.label);
  auto exemplar = exemplars.begin();
  size_t index = 0;
  const auto line = [&](Bytes bound, uint64_t count) {
    text.append(family_.name).append("_bucket{").append(labels).append(labels.empty() ? "" : ",");
    text.append("le=\"").append(bound).append("\"} ");
    appendCount(text, count);
    if (exemplar != exemplars.end() && exemplar->bucket == index) appendExemplar(text, (exemplar++)->exemplar);
    text += '\n';
    ++index;
  };
  for (const auto& bucket : metric.histogram.bucket) {
    std::string bound;
    appendBound(bound, bucket.upper_bound);
    line(bound, bucket.cumulative_count);
  }
  line("+Inf", metric.histogram.sample_count);
  appendLine(text, family_.name, "_sum", labels);
  appendNumber(text, metric.histogram.sample_sum);
  text += '\n';
  appendLine(text, family_.name, "_count", labels);
  appendCount(text, metric.histogram.sample_count);
  text += '\n';
}

void Family::writeOpenMetrics(std::string& text) const {
  writeHead(text);
  for (size_t i = 0; i < family_.metric.size(); ++i) {
    const auto& metric = family_.metric[i];
    if (family_.type == MetricType::Histogram) {
      writeHistogram(text, metric, exemplars_[i]);
      continue;
    }
    appendLine(text, family_.name, {}, written(metric.label));
    appendNumber(text, family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value);
    text += '\n';
  }
}

std::string exposition(Families families, TextFormat format) {
  if (format == TextFormat::Prometheus) {
    std::vector<prometheus::MetricFamily> all;
    for (Family& family : families) all.push_back(std::move(family).take());
    return prometheus::TextSerializer().Serialize(all);
  }
  std::string text;
  for (const Family& family : families) family.writeOpenMetrics(text);
  return text + "# EOF\n";
}

Bytes contentTypeOf(TextFormat format) {
  return format == TextFormat::OpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                           : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace outrigger::control::telemetry
