#include "control/discovery/endpoint_slices.h"

#include <gtest/gtest.h>

#include "tests/support/fake_kubernetes.h"

namespace outrigger::control::discovery {
namespace {

using outrigger::testing::eventJson;
using outrigger::testing::FakeEndpoint;
using outrigger::testing::sliceJson;
using outrigger::testing::statusJson;

const ServicePort kHttp{.name = "http"};

std::string page(const std::string& items, const std::string& more = "") {
  return R"({"kind":"EndpointSliceList","metadata":{"resourceVersion":"7")" + more + R"(},"items":[)" + items + "]}";
}

/// The endpoints of a list with these slices.
std::string endpointsOf(const std::string& items, const ServicePort& port = kHttp) {
  auto read = readSlicePage(page(items), port);
  if (!read) return "refused: " + read.error();
  EndpointSlices slices;
  slices.replace(std::move(read->slices), read->version);
  std::string text;
  for (const Found& found : slices.endpoints()) text += (text.empty() ? "" : " ") + found.address.text();
  return text.empty() ? slices.whyNone() : text;
}

TEST(EndpointSlices, SlicesAreMergedAndEachEndpointCountsOnce) {
  EXPECT_EQ(endpointsOf(sliceJson("b", 1, {{"10.0.0.9"}, {"10.0.0.1"}}) + "," +
                        sliceJson("a", 2, {{"10.0.0.1"}, {"10.0.0.5"}})),
            "10.0.0.1:8080 10.0.0.5:8080 10.0.0.9:8080");
}

TEST(EndpointSlices, BothFamiliesAreTaken) {
  EXPECT_EQ(
      endpointsOf(sliceJson("six", 1, {{"fd00::1"}, {"fd00::2"}}, "IPv6") + "," + sliceJson("four", 2, {{"10.0.0.1"}})),
      "10.0.0.1:8080 [fd00::1]:8080 [fd00::2]:8080");
}

TEST(EndpointSlices, APodOfBothFamiliesIsOneEndpoint) {
  EXPECT_EQ(endpointsOf(sliceJson("six", 1, {{.address = "fd00::1", .pod = "p1"}, {.address = "fd00::2", .pod = "p2"}},
                                  "IPv6") +
                        "," + sliceJson("four", 2, {{.address = "10.0.0.1", .pod = "p1"}})),
            "10.0.0.1:8080 [fd00::2]:8080");
}

TEST(EndpointSlices, NamesAreNoAddresses) {
  EXPECT_EQ(endpointsOf(sliceJson("names", 1, {{"db.example"}}, "FQDN") + "," + sliceJson("four", 2, {{"10.0.0.1"}})),
            "10.0.0.1:8080");
}

TEST(EndpointSlices, EachSliceNamesItsPort) {
  EXPECT_EQ(
      endpointsOf(sliceJson("a", 1, {{"10.0.0.1"}}, "IPv4", R"([{"name":"http","port":8080},{"name":"m","port":9}])") +
                  "," +
                  sliceJson("b", 1, {{"10.0.0.2"}}, "IPv4", R"([{"name":"m","port":9},{"name":"http","port":8081}])") +
                  "," + sliceJson("c", 1, {{"10.0.0.3"}}, "IPv4", R"([{"name":"m","port":9}])") + "," +
                  sliceJson("d", 1, {{"10.0.0.4"}}, "IPv4", R"([{"name":"http","protocol":"UDP","port":53}])") + "," +
                  sliceJson("e", 1, {{"10.0.0.5"}}, "IPv4", "null")),
      "10.0.0.1:8080 10.0.0.2:8081");
  EXPECT_EQ(endpointsOf(sliceJson("a", 1, {{"10.0.0.1"}}), {.number = 15106}), "10.0.0.1:15106");
}

TEST(EndpointSlices, ReadyOnesArePreferred) {
  const FakeEndpoint ready{.address = "10.0.0.1"};
  const FakeEndpoint drains{.address = "10.0.0.2", .ready = false, .serving = true, .terminating = true};
  const FakeEndpoint starts{.address = "10.0.0.3", .ready = false, .serving = false};
  const FakeEndpoint gone{.address = "10.0.0.4", .ready = false, .serving = false, .terminating = true};
  EXPECT_EQ(endpointsOf(sliceJson("a", 1, {drains, starts, gone}) + "," + sliceJson("b", 1, {ready})), "10.0.0.1:8080");
  EXPECT_EQ(endpointsOf(sliceJson("a", 1, {drains, starts, gone})), "10.0.0.2:8080") << "better than none";
  EXPECT_EQ(endpointsOf(sliceJson("a", 1, {starts, gone})), "none of its 2 endpoints is ready");
}

// "A nil value should be interpreted as true" (ready), "as the ready condition" (serving), "as false" (terminating).
TEST(EndpointSlices, UnknownConditionsAreGood) {
  const std::string head = R"({"metadata":{"name":"a","resourceVersion":"1"},"addressType":"IPv4",)"
                           R"("ports":[{"name":"http","port":1}],"endpoints":[)";
  EXPECT_EQ(endpointsOf(head + R"({"addresses":["10.0.0.1"]},{"addresses":["10.0.0.2","10.9.9.9"],"conditions":{}},)"
                               R"({"addresses":["10.0.0.3"],"conditions":{"ready":null}}]})"),
            "10.0.0.1:1 10.0.0.2:1 10.0.0.3:1");
}

TEST(EndpointSlices, WhyThereIsNone) {
  EXPECT_EQ(endpointsOf(""), "no EndpointSlice carries its name: is there such a service, and has it a selector?");
  EXPECT_EQ(endpointsOf(sliceJson("a", 1, {})), "it has no endpoints");
  EXPECT_EQ(endpointsOf(sliceJson("a", 1, {{"10.0.0.1"}}), {.name = "grpc"}), "it has no port of that name, but: http");
}

TEST(EndpointSlices, NonsenseIsRefused) {
  const auto refused = [](const std::string& text) {
    const auto read = readSlicePage(text, kHttp);
    return read ? "read" : read.error();
  };
  EXPECT_EQ(refused(""), "it is not a JSON object");
  EXPECT_EQ(refused("<html>"), "it is not a JSON object");
  EXPECT_EQ(refused("[]"), "it is not a JSON object");
  EXPECT_EQ(refused("{}"), "it is no list: there is no resourceVersion");
  EXPECT_EQ(refused(R"({"metadata":{"resourceVersion":7}})"), "it is no list: there is no resourceVersion");
  EXPECT_EQ(refused(R"({"metadata":{"resourceVersion":"7"},"items":{}})"), "`items` is not a list");
  EXPECT_EQ(refused(page("17")), "a slice has no name or no resourceVersion");
  EXPECT_EQ(refused(page(R"({"metadata":{"name":"a","resourceVersion":"1"}})")), "a slice has no addressType");
  EXPECT_EQ(refused(page(sliceJson("a", 1, {{"10.0.0.1"}}, "IPv6"))),
            "an endpoint's address is not one of its slice's family");
  EXPECT_EQ(refused(page(sliceJson("a", 1, {{"10.0.0.1:80"}}))),
            "an endpoint's address is not one of its slice's family");
  EXPECT_EQ(refused(page(sliceJson("a", 1, {}, "IPv4", R"([{"name":"http","port":65536}])"))),
            "a port is not a number from 1 to 65535");
  EXPECT_EQ(refused(page(sliceJson("a", 1, {}, "IPv4", R"([{"name":"http","port":-1}])"))),
            "a port is not a number from 1 to 65535");
  EXPECT_EQ(refused(page("")), "read");
  EXPECT_EQ(refused(R"({"metadata":{"resourceVersion":"7"},"items":null})"), "read") << "Go's empty list";
}

TEST(EndpointSlices, APageNamesTheNext) {
  const auto read = readSlicePage(page("", R"(,"continue":"abc","remainingItemCount":3)"), kHttp);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->next, "abc");
  EXPECT_EQ(read->version, "7");
}

TEST(EndpointSlices, EventsAreApplied) {
  EndpointSlices slices;
  slices.replace({}, "5");
  const auto apply = [&](const std::string& line) {
    const auto event = readSliceEvent(line, kHttp);
    EXPECT_TRUE(event) << event.error();
    return event && slices.apply(*event);
  };
  EXPECT_TRUE(apply(eventJson("ADDED", sliceJson("a", 6, {{"10.0.0.1"}}))));
  EXPECT_TRUE(apply(eventJson("MODIFIED", sliceJson("a", 8, {{"10.0.0.1"}, {"10.0.0.2"}}))));
  EXPECT_EQ(slices.endpoints().size(), 2U);
  EXPECT_FALSE(apply(eventJson("MODIFIED", sliceJson("a", 7, {})))) << "it is older than what we know";
  EXPECT_FALSE(apply(eventJson("DELETED", sliceJson("a", 5, {}))));
  EXPECT_EQ(slices.endpoints().size(), 2U);
  EXPECT_TRUE(apply(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"20"}}})"));
  EXPECT_EQ(slices.version(), "20");
  EXPECT_TRUE(apply(eventJson("DELETED", sliceJson("a", 21, {}))));
  EXPECT_TRUE(slices.endpoints().empty());
  slices.replace({}, "3");
  EXPECT_EQ(slices.version(), "3") << "a list is the truth, be its version what it will";
}

TEST(EndpointSlices, ErrorEventsAreTold) {
  using Kind = SliceEvent::Kind;
  const auto gone = readSliceEvent(eventJson("ERROR", statusJson(410, "too old")), kHttp);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->kind, Kind::Expired);
  const auto failed = readSliceEvent(eventJson("ERROR", statusJson(500, "etcd is away")), kHttp);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->kind, Kind::Failed);
  EXPECT_EQ(failed->why, "etcd is away");
  EXPECT_EQ(readSliceEvent(R"({"type":"ERROR","object":{}})", kHttp)->kind, Kind::Failed);
}

TEST(EndpointSlices, NonsensicalEventsAreRefused) {
  for (const char* line : {"", "{", "null", R"({"type":"ADDED"})", R"({"type":"ADDED","object":{}})",
                           R"({"type":"SPLIT","object":{"metadata":{"resourceVersion":"1"}}})",
                           R"({"type":"BOOKMARK","object":{"metadata":{}}})",
                           R"({"type":"DELETED","object":{"metadata":{"resourceVersion":"1"}}})", "\xff"}) {
    EXPECT_FALSE(readSliceEvent(line, kHttp)) << line;
  }
}

TEST(EndpointSlices, AStatusSaysWhy) {
  EXPECT_EQ(statusMessage(statusJson(403, "forbidden")), "forbidden");
  EXPECT_EQ(statusMessage("<html>"), "");
  EXPECT_EQ(statusMessage(R"({"kind":"Pod","message":"x"})"), "");
}

}  // namespace
}  // namespace outrigger::control::discovery
