#include "filters/headers/headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/support/filter_world.h"

namespace outrigger::filters::headers {
namespace {

using ::testing::HasSubstr;
using Verdict = exchange::Verdict;
using testing::FilterWorld;
using testing::findingsOf;
using testing::makeFilter;

std::string textOf(const http::FieldList& fields) {
  std::string text;
  for (const http::Field& field : fields) {
    EXPECT_EQ(field.id, http::headerOf(field.name)) << field.name;
    text += (text.empty() ? "" : ", ") + std::string(field.name) + "=" + std::string(field.value);
  }
  return text;
}

http::FieldList fieldsIn(Arena& arena) {
  http::FieldList fields(arena);
  fields.add("accept", "*/*");
  fields.add("X-Debug", "1");
  fields.add("x-debug", "2");
  fields.add("x-team", "shop");
  return fields;
}

// The request's fields after the filter `written` has seen them.
std::string requestAfter(const std::string& written) {
  FilterWorld world;
  const auto filter = makeFilter(written);
  if (filter == nullptr) return "refused: " + findingsOf(written);
  http::RequestHead head;
  head.fields = fieldsIn(world.arena());
  EXPECT_EQ(filter->onRequest(world, head).kind, Verdict::Kind::Continue);
  return textOf(head.fields);
}

TEST(Headers, SetsAddsAndRemoves) {
  struct Row {
    const char* edits;
    const char* after;
  };
  const Row rows[] = {
      {"remove: [x-debug]", "accept=*/*, x-team=shop"},
      {"remove: [x-absent]", "accept=*/*, X-Debug=1, x-debug=2, x-team=shop"},
      {"set: {x-team: pay}", "accept=*/*, X-Debug=1, x-debug=2, x-team=pay"},
      {"set: {X-TEAM: pay}", "accept=*/*, X-Debug=1, x-debug=2, X-TEAM=pay"},
      {"set: {x-debug: 3}", "accept=*/*, x-team=shop, x-debug=3"},
      {"set: {x-new: \"a, b\"}", "accept=*/*, X-Debug=1, x-debug=2, x-team=shop, x-new=a, b"},
      {"add: {x-team: pay}", "accept=*/*, X-Debug=1, x-debug=2, x-team=shop, x-team=pay"},
      {"remove: [x-debug, accept], set: {x-team: pay}, add: {accept: text/plain}", "x-team=pay, accept=text/plain"},
      {"set: {x-empty: \"\"}", "accept=*/*, X-Debug=1, x-debug=2, x-team=shop, x-empty="},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(requestAfter("headers: {request: {" + std::string(row.edits) + "}}"), row.after) << row.edits;
  }
}

TEST(Headers, ChangesOfTheAnswerLeaveTheRequestAlone) {
  EXPECT_EQ(requestAfter("headers: {response: {remove: [accept]}}"), "accept=*/*, X-Debug=1, x-debug=2, x-team=shop");
}

TEST(Headers, ChangesTheAnswer) {
  FilterWorld world;
  const auto filter = makeFilter("headers: {response: {remove: [server], set: {cache-control: no-store}}}");
  ASSERT_NE(filter, nullptr);
  http::ResponseHead head{.status = 200};
  head.fields = http::FieldList(world.arena());
  head.fields.add("Server", "secret/1.0");
  head.fields.add("cache-control", "max-age=1");
  filter->onResponse(world, head);
  EXPECT_EQ(textOf(head.fields), "cache-control=no-store");
}

TEST(Headers, AnAnswerWhoseListIsFullGrowsInTheArena) {
  FilterWorld world;
  const auto filter = makeFilter("headers: {response: {add: {x-a: 1, x-b: 2}, set: {x-c: 3}}}");
  ASSERT_NE(filter, nullptr);
  std::array<http::Field, 2> storage;
  http::ResponseHead head{.status = 200};
  head.fields = http::FieldList(storage);
  head.fields.add("date", "now");
  head.fields.add("server", "s");
  filter->onResponse(world, head);
  EXPECT_EQ(textOf(head.fields), "date=now, server=s, x-c=3, x-a=1, x-b=2");
}

TEST(Headers, WhatFramesTheMessageOrBelongsToTheProxyCannotBeNamed) {
  for (const char* name : {"Host", "Content-Length", "transfer-encoding", "Connection", "keep-alive", "TE", "trailer",
                           "upgrade", "proxy-connection", "proxy-authorization", "proxy-authenticate", "expect", "via",
                           "http2-settings", "outrigger-reason", "Outrigger-Anything"}) {
    for (const std::string& edits : {"set: {" + std::string(name) + ": x}", "add: {" + std::string(name) + ": x}",
                                     "remove: [" + std::string(name) + "]"}) {
      EXPECT_THAT(findingsOf("headers: {request: {" + edits + "}}"), HasSubstr("OR137")) << edits;
      EXPECT_THAT(findingsOf("headers: {response: {" + edits + "}}"), HasSubstr("OR137")) << edits;
    }
  }
}

TEST(Headers, NamesAndValuesThatWouldBreakTheHeadAreRefused) {
  struct Row {
    const char* edits;
    const char* finding;
  };
  const Row rows[] = {
      {"set: {\"x y\": 1}", "OR130"},
      {"set: {\"x-a:\": 1}", "OR130"},
      {"set: {\"\": 1}", "OR110"},
      {"set: {\"x-\\u00e4\": 1}", "OR130"},
      {"add: {x-a: \"1\\r\\nhost: evil\"}", "OR130"},
      {"add: {x-a: \"1\\0\"}", "OR1"},
      {"add: {x-a: \" 1\"}", "OR130"},
      {"set: {x-a: [1]}", "OR122"},
      {"remove: [\"x y\"]", "OR130"},
      {"remove: []", "OR134"},
      {"remove: x-a", "OR122"},
      {"replace: {x-a: 1}", "OR120"},
      {"set: {x-a: 1, X-A: 2}", "OR109"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(findingsOf("headers: {request: {" + std::string(row.edits) + "}}"), HasSubstr(row.finding))
        << row.edits;
  }
}

TEST(Headers, WhatContradictsItselfOrDoesNothingIsRefused) {
  EXPECT_THAT(findingsOf("headers: {request: {set: {x-a: 1}, remove: [X-A]}}"),
              HasSubstr("OR132 `X-A` stands in `set` and in `remove`"));
  EXPECT_EQ(findingsOf("headers: {request: {set: {x-a: 1}}, response: {remove: [x-a]}}"), "");
  EXPECT_THAT(findingsOf("headers: {}"), HasSubstr("OR121"));
  EXPECT_THAT(findingsOf("headers: {request: {}}"), HasSubstr("OR121"));
}

}  // namespace
}  // namespace outrigger::filters::headers
