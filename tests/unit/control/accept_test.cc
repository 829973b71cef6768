#include "control/accept.h"

#include <gtest/gtest.h>

#include <string>

namespace outrigger::control {
namespace {

constexpr MediaType kOpen{"application", "openmetrics-text", "1.0.0"};

TEST(Accept, TheClosestRangeCounts) {
  struct Row {
    const char* accept;
    std::optional<int> quality;
    std::optional<int> byName;
  };
  const Row rows[] = {
      {"", {}, {}},
      {"application/openmetrics-text", 1000, 1000},
      {"Application/OpenMetrics-Text ; Version = \"1.0.0\" ; Q=0.25", 250, 250},
      {"application/openmetrics-text;version=0.0.1", {}, {}},
      {"application/openmetrics-text;version=0.0.1;q=0.7,application/openmetrics-text;version=1.0.0;q=0.6", 600, 600},
      {"application/openmetrics-text;q=0.1, application/openmetrics-text;version=1.0.0;q=0.2", 200, 200},
      {"*/*", 1000, {}},
      {"application/*;q=0.5, */*;q=0.9", 500, {}},
      {"*/*;q=0.9,application/openmetrics-text;q=0", 0, 0},
      {"text/plain;version=0.0.4;q=0.5", {}, {}},
      {"application/openmetrics-text;q=1.5", 1000, 1000},
      {"application/openmetrics-text;q=x", 0, 0},
      {"application/openmetrics-text;q=", 0, 0},
      {"application/openmetrics-text;q=0.12345", 0, 0},
      {",, ;;,/,=;q=,application/openmetrics-text", 1000, 1000},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(qualityOf(kOpen, row.accept), row.quality) << row.accept;
    EXPECT_EQ(qualityOf(kOpen, row.accept, true), row.byName) << row.accept;
  }
}

TEST(Accept, GzipHasToBeNamed) {
  for (const char* yes : {"gzip", "GZIP", "x-gzip", "deflate, gzip;q=0.1, br", "*", "identity;q=0,*;q=0.5"}) {
    EXPECT_TRUE(takesGzip(yes)) << yes;
  }
  for (const char* no : {"", "identity", "br, deflate", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0,*", "gzipped"}) {
    EXPECT_FALSE(takesGzip(no)) << no;
  }
}

}  // namespace
}  // namespace outrigger::control
