#include "control/telemetry/exposition.h"

#include <charconv>
#include <cmath>

namespace outrigger::control::telemetry {
namespace {

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
void appendBound(std::string& text, Duration bound, TextFormat format) {
  const size_t before = text.size();
  appendNumber(text, seconds(bound));
  if (format == TextFormat::OpenMetrics && text.find('.', before) == std::string::npos) text += ".0";
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
  for (const Label& label : labels) {
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

void Family::value(const Labels& labels, double value) {
  samples_.push_back({.labels = written(labels), .value = value});
}

void Family::histogram(const Labels& labels, const HistogramSum& sum, const metrics::Bounds& bounds) {
  bounds_ = bounds;
  samples_.push_back({.labels = written(labels), .histogram = histograms_.size()});
  histograms_.push_back(sum);
}

void Family::writeHead(std::string& text, TextFormat format) const {
  const bool open = format == TextFormat::OpenMetrics;
  const bool info = open && type_ == MetricType::Gauge && name_.ends_with(kInfo);
  const Bytes kind = info                             ? "info"
                     : type_ == MetricType::Counter   ? "counter"
                     : type_ == MetricType::Histogram ? "histogram"
                                                      : "gauge";
  Bytes name = name_;
  if (open && type_ == MetricType::Counter) name = without(name, kTotal);
  if (info) name = without(name, kInfo);
  text.append("# HELP ").append(name).append(" ");
  appendEscaped(text, help_, open);
  text.append("\n# TYPE ").append(name).append(" ").append(kind).append("\n");
  if (const Bytes unit = unitOf(name); open && !unit.empty()) {
    text.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
  }
}

void Family::writeHistogram(std::string& text, const Sample& sample, TextFormat format) const {
  const HistogramSum& sum = histograms_[sample.histogram];
  const Bytes comma = sample.labels.empty() ? "" : ",";
  uint64_t cumulated = 0;
  for (size_t i = 0; i <= bounds_.size(); ++i) {
    cumulated += sum.buckets[i];
    text.append(name_).append("_bucket{").append(sample.labels).append(comma).append("le=\"");
    if (i < bounds_.size()) {
      appendBound(text, bounds_[i], format);
    } else {
      text += "+Inf";
    }
    text += "\"} ";
    appendCount(text, cumulated);
    text += '\n';
  }
  appendLine(text, name_, "_sum", sample.labels);
  appendNumber(text, seconds(Duration(static_cast<int64_t>(sum.nanoseconds))));
  text += '\n';
  appendLine(text, name_, "_count", sample.labels);
  appendCount(text, cumulated);
  text += '\n';
}

void Family::writeTo(std::string& text, TextFormat format) const {
  writeHead(text, format);
  for (const Sample& sample : samples_) {
    if (type_ == MetricType::Histogram) {
      writeHistogram(text, sample, format);
      continue;
    }
    appendLine(text, name_, {}, sample.labels);
    appendNumber(text, sample.value);
    text += '\n';
  }
}

std::string exposition(const Families& families, TextFormat format) {
  std::string text;
  for (const Family& family : families) family.writeTo(text, format);
  if (format == TextFormat::OpenMetrics) text += "# EOF\n";
  return text;
}

Bytes contentTypeOf(TextFormat format) {
  return format == TextFormat::OpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                           : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace outrigger::control::telemetry
