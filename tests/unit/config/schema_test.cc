// check() and fill() over a small table that uses every kind of type; and what holds for the tables of the format.
#include "config/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config/bind.h"
#include "config/file_schema.h"
#include "config/key_path.h"
#include "config/texts.h"
#include "config/yaml.h"
#include "tests/unit/config/stub_filters.h"

namespace outrigger::config {
namespace {

enum class Colour { Red, Green };
struct Inner {
  uint32_t number = 7;
  Place place;
};
struct Outer {
  std::string text = "unset";
  Colour colour = Colour::Red;
  bool flag = false;
  uint32_t integer = 1;
  double percent = 1;
  Duration duration = 1s;
  std::optional<Duration> optional = 1s;
  policy::AutoDuration automatic;
  uint64_t size = 1;
  Address address;
  Inner inner;
  std::optional<Inner> optionalInner = Inner{};
  std::vector<Inner> list;
  HeaderList names;
  Node any;
};

constexpr Field kInnerFields[] = {{"number", integer(0, 100), "A number.", into<&Inner::number>}};
constexpr Shape kInnerShape = shapeOf<Inner>("an inner map", kInnerFields);
constexpr Type kInner = map(kInnerShape).orShort("number");
constexpr Type kValue = text(checkHeaderValue);
constexpr Word kColours[] = {{"red"}, {"green"}, {"blue", "there is no blue"}};
constexpr Field kOuterFields[] = {
    {"text", text(checkName), "A text.", into<&Outer::text>},
    {"colour", word(kColours), "A colour.", into<&Outer::colour>},
    {"flag", boolean(), "A flag.", into<&Outer::flag>},
    {"integer", integer(1, 10), "An integer.", into<&Outer::integer>},
    {"percent", percent(), "A share.", into<&Outer::percent>},
    {"duration", duration(1ms, 1h), "A time.", into<&Outer::duration>},
    {"optional", duration(1ms, 1h).orNone(), "A time.", into<&Outer::optional>},
    {"automatic", duration(1ms, 1h).orNone().orAuto(), "A time.", into<&Outer::automatic>},
    {"size", size(0, 1 << 20), "A size.", into<&Outer::size>},
    {"address", address(AddressUse::Call), "An address.", into<&Outer::address>},
    {"inner", kInner, "A map.", into<&Outer::inner>},
    {"optionalInner", map(kInnerShape).orNone(), "A map.", into<&Outer::optionalInner>},
    {"list", list(kInner, 0, 3).orSingle(), "A list.", into<&Outer::list>},
    {"names", names(checkHeaderName, kValue).anyCase(), "Names.", into<&Outer::names>},
    {"any", any(), "Anything.", into<&Outer::any>},
};
constexpr Shape kOuterShape = shapeOf<Outer>("an outer map", kOuterFields);

// Reads a file against the table; findings go to `said`.
Outer readOuter(const std::string& yaml, std::string* said = nullptr) {
  Diagnostics diagnostics("f", yaml);
  const Node sound = check(*readYaml(Source::File, diagnostics), map(kOuterShape), "outer", diagnostics);
  Outer outer;
  fill(outer, sound, kOuterShape);
  const std::string text = brief(diagnostics.take());
  if (said != nullptr) {
    *said = text;
  } else {
    EXPECT_EQ(text, "") << yaml;
  }
  return outer;
}

TEST(Schema, FillsEveryKindOfMember) {
  const Outer outer = readOuter(R"(
text: abc
colour: green
flag: true
integer: 3
percent: 2.5
duration: 5ms
optional: 6ms
automatic: 7ms
size: 2KiB
address: "10.0.0.1:80"
inner: {number: 8}
optionalInner: {number: 9}
list: [10, {number: 11}]
names: {X-A: 1, x-b: two}
any: {whatever: [1]}
)");
  EXPECT_EQ(outer.text, "abc");
  EXPECT_EQ(outer.colour, Colour::Green);
  EXPECT_TRUE(outer.flag);
  EXPECT_EQ(outer.integer, 3U);
  EXPECT_EQ(outer.percent, 2.5);
  EXPECT_EQ(outer.duration, 5ms);
  EXPECT_EQ(outer.optional, 6ms);
  EXPECT_EQ(outer.automatic, policy::AutoDuration::fixed(7ms));
  EXPECT_EQ(outer.size, 2048U);
  EXPECT_EQ(outer.address.text(), "10.0.0.1:80");
  EXPECT_EQ(outer.inner.number, 8U);
  EXPECT_EQ(outer.inner.place, (Place{12, 8}));
  EXPECT_EQ(outer.optionalInner->number, 9U);
  ASSERT_EQ(outer.list.size(), 2U);
  EXPECT_EQ(outer.list[0].number, 10U);
  EXPECT_EQ(outer.list[1].number, 11U);
  EXPECT_EQ(outer.names, (HeaderList{{"X-A", "1"}, {"x-b", "two"}}));
  EXPECT_TRUE(outer.any.find("whatever")->isList());
}

TEST(Schema, NoneAndAutoAndShortForms) {
  const Outer outer = readOuter("{optional: none, automatic: none, optionalInner: none, inner: 5, list: 6}");
  EXPECT_EQ(outer.optional, std::nullopt);
  EXPECT_EQ(outer.automatic, policy::AutoDuration::none());
  EXPECT_EQ(outer.optionalInner, std::nullopt);
  EXPECT_EQ(outer.inner.number, 5U);
  ASSERT_EQ(outer.list.size(), 1U);
  EXPECT_EQ(outer.list[0].number, 6U);
  EXPECT_EQ(readOuter("automatic: auto").automatic, policy::AutoDuration::automatic());
}

TEST(Schema, WhatIsMissingOrWrongLeavesItsMemberAlone) {
  std::string said;
  const Outer outer = readOuter("{text: '-', integer: 11, list: [1, 101], names: {a b: c, d: e}, colour: red}", &said);
  EXPECT_EQ(outer.text, "unset");
  EXPECT_EQ(outer.integer, 1U);
  EXPECT_EQ(outer.duration, 1s);
  ASSERT_EQ(outer.list.size(), 1U);
  EXPECT_EQ(outer.names, (HeaderList{{"d", "e"}}));
  EXPECT_EQ(std::ranges::count(said, '\n'), 3);
}

TEST(Schema, AWrongValueOfAShortFormIsNamedByItsKey) {
  std::string said;
  readOuter("{inner: x, list: [y]}", &said);
  EXPECT_EQ(said,
            "1:9 OR126 `inner` needs a whole number in decimal digits\n"
            "1:19 OR126 an item of `list` needs a whole number in decimal digits");
}

TEST(Schema, PathsOfKeys) {
  EXPECT_EQ(pathOfKey(kFileType, "workers"), "workers");
  EXPECT_EQ(pathOfKey(kFileType, "errorPercent"), "policies.NAME.breaker.errorPercent");
  EXPECT_EQ(pathOfKey(kFileType, "weight"), "upstreams.NAME.endpoints.weight");
  EXPECT_EQ(pathOfKey(kFileType, "method"), "routes.match.method");
  EXPECT_EQ(pathOfKey(kFileType, "nowhere"), "");
}

void checkTables(const Type& type, std::set<const Shape*>& seen) {
  if (type.item != nullptr) checkTables(*type.item, seen);
  if (type.shape == nullptr || !seen.insert(type.shape).second) return;
  std::set<Bytes> keys;
  for (const Field& field : type.shape->fields) {
    EXPECT_TRUE(keys.insert(field.key).second) << field.key;
    EXPECT_TRUE(field.doc.ends_with('.')) << field.key;
    EXPECT_TRUE(!field.required || !field.example.empty()) << field.key;
    EXPECT_LE(field.type.min, field.type.max) << field.key;
    checkTables(field.type, seen);
  }
  for (const Refused& refused : type.shape->refused) {
    EXPECT_TRUE(keys.insert(refused.key).second) << refused.key;
    EXPECT_FALSE(refused.why.empty()) << refused.key;
  }
}

TEST(Schema, TheTablesOfTheFormatAreSound) {
  std::set<const Shape*> seen;
  checkTables(kFileType, seen);
  EXPECT_GE(seen.size(), 20U);
}

}  // namespace
}  // namespace outrigger::config
