// Which trace a request belongs to: what is kept of traceparent and b3, what is made, and which traces are chosen.
#include "proxy/exchange/trace_context.h"

#include <gtest/gtest.h>

#include "proxy/exchange/b3.h"

namespace outrigger::exchange {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;
using Sampling = B3::Sampling;

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kHalf = "a3ce929d0e0e4736";
constexpr const char* kSpan = "00f067aa0ba902b7";

std::string single(const std::string& trace, const std::string& rest) {
  return trace + "-" + kSpan + rest;
}

class TraceContext : public testing::Test {
 protected:
  http::FieldList fieldsOf(const Headers& headers) {
    http::FieldList fields(arena_);
    for (const auto& [name, value] : headers) fields.add(arena_.copy(name), arena_.copy(value));
    return fields;
  }
  TraceIds take(const Headers& headers, const TraceRule* rule = nullptr) {
    fields_ = fieldsOf(headers);
    return takeTrace(fields_, rule, arena_, rng_);
  }
  std::string traceparent() const { return std::string(fields_.value(http::Header::Traceparent)); }

  ChunkPool chunks_;
  Arena arena_{chunks_};
  Rng rng_{1};
  http::FieldList fields_;
};

// ---- traceparent

TEST_F(TraceContext, AValidParentPassesAsItIs) {
  const std::string parent = std::string("00-") + kTrace + "-" + kSpan;
  for (const char* rest : {"-00", "-01", "-02", "-ff"}) {
    const TraceIds ids = take({{"traceparent", parent + rest}, {"tracestate", "a=b"}});
    EXPECT_TRUE(ids.kept) << rest;
    EXPECT_EQ(ids.id, kTrace);
    EXPECT_EQ(ids.parentSpan, kSpan);
    EXPECT_EQ(traceparent(), parent + rest);
    EXPECT_EQ(fields_.value(http::Header::Tracestate), "a=b");
    EXPECT_EQ(ids.spanOut, nullptr);
  }
  EXPECT_TRUE(take({{"traceparent", "cc" + parent.substr(2) + "-01-what-will-be"}}).kept) << "a later version";
}

TEST_F(TraceContext, ABadParentIsReplacedAndItsStateGoes) {
  const std::string trace = kTrace;
  const std::string span = kSpan;
  const std::string bad[] = {
      "",
      "00",
      "00-" + trace + "-" + span,                          // no flags
      "00-" + trace + "-" + span + "-01-more",             // version 00 has no more
      "cc-" + trace + "-" + span + "-01more",              // and later ones have a dash before it
      "ff-" + trace + "-" + span + "-01",                  // no version
      "00-" + std::string(32, '0') + "-" + span + "-01",   // no trace
      "00-" + trace + "-" + std::string(16, '0') + "-01",  // no parent
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + span + "-01",
      "00-" + trace + "_" + span + "-01",
      "00-" + trace + "-" + span + "-0x",
  };
  for (const std::string& text : bad) {
    const TraceIds ids = take({{"traceparent", text}, {"tracestate", "a=b"}});
    EXPECT_FALSE(ids.kept) << text;
    EXPECT_NE(ids.id, kTrace) << text;
    EXPECT_EQ(ids.parentSpan, "") << text;
    EXPECT_EQ(traceparent().size(), 55U) << text;
    EXPECT_TRUE(traceparent().ends_with("-01")) << text;
    EXPECT_EQ(fields_.count(http::Header::Tracestate), 0U) << text;
  }
}

TEST_F(TraceContext, OfTwoParentsNeitherCounts) {
  const std::string parent = std::string("00-") + kTrace + "-" + kSpan + "-01";
  EXPECT_FALSE(take({{"traceparent", parent}, {"traceparent", parent}}).kept);
  EXPECT_EQ(fields_.count(http::Header::Traceparent), 1U);
}

TEST_F(TraceContext, WhereItIsRecordedTheParentIsOursToWrite) {
  const TraceRule rule{0};
  const std::string parent = std::string("00-") + kTrace + "-" + kSpan;
  const TraceIds ids = take({{"traceparent", parent + "-01"}, {"tracestate", "a=b"}}, &rule);
  ASSERT_NE(ids.spanOut, nullptr);
  EXPECT_EQ(ids.parentSpan, kSpan);
  writeSpanId(ids.spanOut, 0x0123456789abcdefU);
  EXPECT_EQ(traceparent(), std::string("00-") + kTrace + "-0123456789abcdef-01");
  EXPECT_EQ(ids.parentSpan, kSpan) << "the caller's is kept apart";
  EXPECT_EQ(fields_.value(http::Header::Tracestate), "a=b");
  take({{"traceparent", "cc" + parent.substr(2) + "-03-more"}}, &rule);
  EXPECT_EQ(traceparent(), parent + "-03") << "what we write is of our version";
  EXPECT_EQ(take({{"traceparent", parent + "-02"}}, &rule).spanOut, nullptr) << "the caller does not record it";
}

TEST_F(TraceContext, ATraceThatBeginsHereIsDrawn) {
  const TraceRule none{0};
  const TraceRule all{kAllTraces};
  EXPECT_FALSE(take({}, &none).sampled);
  EXPECT_TRUE(traceparent().ends_with("-00"));
  EXPECT_TRUE(take({}, &all).sampled);
  EXPECT_TRUE(traceparent().ends_with("-01"));
  const TraceRule half{traceShare(50)};
  int sampled = 0;
  for (int i = 0; i < 1000; ++i) {
    const TraceIds ids = take({}, &half);
    EXPECT_EQ(ids.sampled, isInShare(ids.id, half.share)) << "the next hop would say the same";
    EXPECT_EQ(ids.sampled, ids.spanOut != nullptr);
    if (ids.sampled) ++sampled;
  }
  EXPECT_NEAR(sampled, 500, 60);
}

TEST_F(TraceContext, Shares) {
  EXPECT_EQ(traceShare(0), 0U);
  EXPECT_EQ(traceShare(100), kAllTraces);
  EXPECT_EQ(traceShare(50), kAllTraces / 2);
  EXPECT_EQ(traceShare(1e9), kAllTraces);
  const std::string low = std::string(18, 'f') + std::string(14, '0');
  const std::string high = std::string(18, '0') + std::string(14, 'f');
  EXPECT_TRUE(isInShare(low, 1)) << "the low 56 bits choose";
  EXPECT_FALSE(isInShare(low, 0));
  EXPECT_FALSE(isInShare(high, kAllTraces - 1));
  EXPECT_TRUE(isInShare(high, kAllTraces));
  EXPECT_TRUE(isInShare("", 1)) << "what has no trace is never left out";
}

// ---- b3

TEST_F(TraceContext, B3StandsInForAMissingParent) {
  const TraceIds ids = take({{"b3", single(kTrace, "-1")}, {"tracestate", "a=b"}});
  EXPECT_TRUE(ids.kept);
  EXPECT_EQ(ids.id, kTrace);
  EXPECT_EQ(ids.parentSpan, kSpan);
  EXPECT_EQ(traceparent(), std::string("00-") + kTrace + "-" + kSpan + "-01");
  EXPECT_EQ(fields_.count(http::Header::Tracestate), 0U);
  EXPECT_EQ(fields_.value(http::Header::B3), single(kTrace, "-1"));
}

TEST_F(TraceContext, AValidParentGoesBeforeB3) {
  const std::string parent = std::string("00-") + kTrace + "-" + kSpan + "-00";
  EXPECT_FALSE(take({{"b3", single(std::string(32, 'a'), "-1")}, {"traceparent", parent}}).sampled);
  EXPECT_EQ(traceparent(), parent);
}

TEST_F(TraceContext, AShortTraceIdGrowsAtItsLeft) {
  EXPECT_EQ(take({{"b3", single(kHalf, "-0")}}).id, std::string(16, '0') + kHalf);
  EXPECT_EQ(traceparent(), "00-" + std::string(16, '0') + kHalf + "-" + kSpan + "-00");
}

TEST_F(TraceContext, WhatB3LeavesOpenIsDecidedHere) {
  const TraceRule none{0};
  const TraceRule all{kAllTraces};
  EXPECT_TRUE(take({{"b3", single(kTrace, "")}}).sampled) << "as of a trace that begins here";
  EXPECT_FALSE(take({{"b3", single(kTrace, "")}}, &none).sampled);
  EXPECT_TRUE(take({{"b3", single(kTrace, "")}}, &all).sampled);
  EXPECT_TRUE(take({{"b3", single(kTrace, "-1")}}, &none).sampled);
  EXPECT_FALSE(take({{"b3", single(kTrace, "-0")}}, &all).sampled);
}

TEST_F(TraceContext, ABareB3DecisionCountsForATraceOfOurs) {
  const TraceRule none{0};
  const TraceRule all{kAllTraces};
  EXPECT_FALSE(take({{"b3", "0"}}, &all).sampled);
  EXPECT_TRUE(take({{"b3", "1"}}, &none).sampled);
  EXPECT_TRUE(take({{"b3", "d"}}, &none).sampled);
  EXPECT_FALSE(take({{"x-b3-sampled", "0"}}).kept);
  EXPECT_TRUE(traceparent().ends_with("-00"));
}

struct B3Row {
  Headers headers;
  Bytes trace;
  Sampling sampling;
};

TEST_F(TraceContext, TheFormsOfB3) {
  const B3Row rows[] = {
      {{}, "", Sampling::Undecided},
      {{{"b3", single(kTrace, "")}}, kTrace, Sampling::Undecided},
      {{{"b3", single(kTrace, "-1")}}, kTrace, Sampling::Accepted},
      {{{"b3", single(kTrace, "-d")}}, kTrace, Sampling::Accepted},
      {{{"b3", single(kTrace, "-0")}}, kTrace, Sampling::Denied},
      {{{"b3", single(kTrace, std::string("-1-") + kSpan)}}, kTrace, Sampling::Accepted},
      {{{"b3", single(kHalf, "-1")}}, kHalf, Sampling::Accepted},
      {{{"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kSpan}}, kTrace, Sampling::Undecided},
      {{{"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kSpan}, {"X-B3-Sampled", "1"}}, kTrace, Sampling::Accepted},
      {{{"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kSpan}, {"X-B3-Sampled", "true"}}, kTrace, Sampling::Accepted},
      {{{"X-B3-TraceId", kHalf}, {"X-B3-SpanId", kSpan}, {"X-B3-Sampled", "0"}}, kHalf, Sampling::Denied},
      {{{"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kSpan}, {"X-B3-Flags", "1"}}, kTrace, Sampling::Accepted},
      {{{"X-B3-Sampled", "0"}, {"X-B3-Flags", "1"}}, "", Sampling::Accepted},
      {{{"b3", single(kTrace, "-0")}, {"X-B3-TraceId", kHalf}, {"X-B3-SpanId", kSpan}}, kTrace, Sampling::Denied},
      // A bad one says nothing; a good one of the other form then counts.
      {{{"b3", "nonsense"}, {"X-B3-TraceId", kHalf}, {"X-B3-SpanId", kSpan}}, kHalf, Sampling::Undecided},
      {{{"b3", ""}}, "", Sampling::Undecided},
      {{{"b3", "-"}}, "", Sampling::Undecided},
      {{{"b3", kTrace}}, "", Sampling::Undecided},
      {{{"b3", single(kTrace, "-")}}, "", Sampling::Undecided},
      {{{"b3", single(kTrace, "-2")}}, "", Sampling::Undecided},
      {{{"b3", single(kTrace, "-1-short")}}, "", Sampling::Undecided},
      {{{"b3", single(kTrace, "-1-")}}, "", Sampling::Undecided},
      {{{"b3", single(kTrace + std::string("0"), "-1")}}, "", Sampling::Undecided},
      {{{"b3", single("4BF92F3577B34DA6A3CE929D0E0E4736", "-1")}}, "", Sampling::Undecided},
      {{{"b3", single(std::string(32, '0'), "-1")}}, "", Sampling::Undecided},
      {{{"b3", std::string(kTrace) + "-0000000000000000-1"}}, "", Sampling::Undecided},
      {{{"b3", single(kTrace, "-1")}, {"b3", single(kTrace, "-1")}}, "", Sampling::Undecided},
      {{{"X-B3-TraceId", kTrace}}, "", Sampling::Undecided},
      {{{"X-B3-TraceId", kTrace}, {"X-B3-SpanId", "1"}}, "", Sampling::Undecided},
      {{{"X-B3-TraceId", kTrace}, {"X-B3-SpanId", kSpan}, {"X-B3-SpanId", kSpan}}, "", Sampling::Undecided},
  };
  for (const B3Row& row : rows) {
    const B3 b3 = readB3(fieldsOf(row.headers));
    const std::string what = row.headers.empty() ? "nothing" : row.headers[0].first + ": " + row.headers[0].second;
    EXPECT_EQ(b3.traceId, row.trace) << what;
    EXPECT_EQ(b3.spanId, row.trace.empty() ? "" : kSpan) << what;
    EXPECT_EQ(b3.sampling, row.sampling) << what;
  }
}

}  // namespace
}  // namespace outrigger::exchange
