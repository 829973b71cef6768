#include "control/telemetry/exposition.h"

#include <gtest/gtest.h>

namespace outrigger::control::telemetry {
namespace {

constexpr Duration kBounds[] = {500us, 1s, 10s};

Families some() {
  Families families;
  Family requests(FamilyRow{"x_requests_total", prometheus::MetricType::Counter, {}, "Requests \"of\" a\\b."});
  requests.value({label("route", "a\"b\\c\nd"), label("code", "200")}, 3);
  requests.moveTo(families);
  Family octets(FamilyRow{"x_octets_bytes_total", prometheus::MetricType::Counter, {}, "Octets."});
  octets.value({}, 12);
  octets.moveTo(families);
  Family build(FamilyRow{"x_build_info", prometheus::MetricType::Gauge, {}, "The program."});
  build.value({label("version", "1")}, 1);
  build.moveTo(families);
  Family unseen(FamilyRow{"x_unseen", prometheus::MetricType::Gauge, {}, "Nothing."});
  unseen.moveTo(families);
  HistogramSum sum;
  sum.buckets[0] = 1;
  sum.buckets[2] = 2;
  sum.buckets[3] = 1;
  sum.nanoseconds = 12'500'000'000;
  Family took(FamilyRow{"x_took_seconds", prometheus::MetricType::Histogram, {}, "How long it took."});
  took.histogram({label("route", "r")}, sum, metrics::Bounds(kBounds));
  took.moveTo(families);
  return families;
}

TEST(Exposition, ThePrometheusText) {
  EXPECT_EQ(exposition(some(), TextFormat::Prometheus), R"(# HELP x_requests_total Requests "of" a\b.
# TYPE x_requests_total counter
x_requests_total{route="a\"b\\c\nd",code="200"} 3
# HELP x_octets_bytes_total Octets.
# TYPE x_octets_bytes_total counter
x_octets_bytes_total 12
# HELP x_build_info The program.
# TYPE x_build_info gauge
x_build_info{version="1"} 1
# HELP x_took_seconds How long it took.
# TYPE x_took_seconds histogram
x_took_seconds_count{route="r"} 4
x_took_seconds_sum{route="r"} 12.5
x_took_seconds_bucket{route="r",le="0.0005"} 1
x_took_seconds_bucket{route="r",le="1"} 1
x_took_seconds_bucket{route="r",le="10"} 3
x_took_seconds_bucket{route="r",le="+Inf"} 4
)");
}

TEST(Exposition, OpenMetrics) {
  EXPECT_EQ(exposition(some(), TextFormat::OpenMetrics), R"(# HELP x_requests Requests \"of\" a\\b.
# TYPE x_requests counter
x_requests_total{route="a\"b\\c\nd",code="200"} 3
# HELP x_octets_bytes Octets.
# TYPE x_octets_bytes counter
# UNIT x_octets_bytes bytes
x_octets_bytes_total 12
# HELP x_build The program.
# TYPE x_build info
x_build_info{version="1"} 1
# HELP x_took_seconds How long it took.
# TYPE x_took_seconds histogram
# UNIT x_took_seconds seconds
x_took_seconds_bucket{route="r",le="0.0005"} 1
x_took_seconds_bucket{route="r",le="1.0"} 1
x_took_seconds_bucket{route="r",le="10.0"} 3
x_took_seconds_bucket{route="r",le="+Inf"} 4
x_took_seconds_sum{route="r"} 12.5
x_took_seconds_count{route="r"} 4
# EOF
)");
}

TEST(Exposition, ExemplarsWhereOpenMetricsHasThem) {
  HistogramSum sum;
  sum.buckets[0] = sum.buckets[3] = 1;
  sum.exemplars = {
      {0, {.trace = {0x0af7651916cd43dd, 0x8448eb211c80319c}, .value = 250us, .at = WallTime(1'800'000'000'250ms)}},
      {3, {.trace = {0, 1}, .value = 20s, .at = WallTime(1'800'000'001s)}}};
  Families families;
  Family took(familyRow("outrigger_request_duration_seconds"));
  took.histogram({}, sum, metrics::Bounds(kBounds));
  took.moveTo(families);
  const std::string open = exposition(families, TextFormat::OpenMetrics);
  for (const char* line :
       {"_bucket{le=\"0.0005\"} 1 # {trace_id=\"0af7651916cd43dd8448eb211c80319c\"} 0.00025 1800000000.25\n",
        "_bucket{le=\"1.0\"} 1\n", "_bucket{le=\"10.0\"} 1\n",
        "_bucket{le=\"+Inf\"} 2 # {trace_id=\"00000000000000000000000000000001\"} 20 1800000001\n"}) {
    EXPECT_NE(open.find(line), std::string::npos) << line << " is not in\n" << open;
  }
  EXPECT_EQ(exposition(families, TextFormat::Prometheus).find("trace_id"), std::string::npos);
}

std::string written(double value) {
  Families families;
  Family family(FamilyRow{"x", prometheus::MetricType::Gauge, {}, "X."});
  family.value({}, value);
  family.moveTo(families);
  const std::string text = exposition(families, TextFormat::Prometheus);
  const size_t at = text.rfind("\nx ") + 3;
  return text.substr(at, text.size() - at - 1);
}

TEST(Exposition, NumbersReadBackAsTheyWere) {
  EXPECT_EQ(written(0), "0");
  EXPECT_EQ(written(-3), "-3");
  EXPECT_EQ(written(1'800'000'000), "1800000000");
  EXPECT_EQ(written(1'234'567'890'123), "1234567890123");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(0.0001), "0.0001");
  EXPECT_EQ(written(1'800'000'000.25), "1800000000.25");
  EXPECT_EQ(std::stod(written(1e300)), 1e300);
}

}  // namespace
}  // namespace outrigger::control::telemetry
