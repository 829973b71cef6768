#include "proxy/http/message.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace outrigger::http {
namespace {

std::string text(const FieldList& fields) {
  std::string all;
  for (const Field& field : fields) all.append(field.name).append("=").append(field.value).append(" ");
  return all;
}

TEST(FieldList, FindsByIdAndByNameInAnyCase) {
  std::array<Field, 4> storage;
  FieldList list{std::span<Field>(storage)};
  EXPECT_TRUE(list.empty());
  EXPECT_TRUE(list.add("Host", "a"));
  EXPECT_TRUE(list.add("X-Y", "1"));
  EXPECT_TRUE(list.add("x-y", "2"));
  EXPECT_TRUE(list.add(Header::Via, "b"));
  EXPECT_EQ(list.find(Header::Host)->value, "a");
  EXPECT_EQ(list.find("x-Y")->value, "1");
  EXPECT_EQ(list.find("host"), list.find(Header::Host));
  EXPECT_EQ(list.find(Header::Via)->name, "via");
  EXPECT_EQ(list.find(Header::Cookie), nullptr);
  EXPECT_EQ(list.find("x"), nullptr);
  EXPECT_EQ(list.value(Header::Host), "a");
  EXPECT_EQ(list.value(Header::Cookie), "");
  EXPECT_EQ(list.count(Header::Other), 2U);
  EXPECT_TRUE(list.has(Header::Via));
  EXPECT_FALSE(list.has(Header::Te));
}

TEST(FieldList, OverStorageItEndsWithTheStorage) {
  std::array<Field, 2> storage;
  FieldList list{std::span<Field>(storage)};
  EXPECT_TRUE(list.reserve(2));
  EXPECT_FALSE(list.reserve(3));
  EXPECT_TRUE(list.add("a", "1"));
  EXPECT_TRUE(list.add("b", "2"));
  EXPECT_FALSE(list.add("c", "3"));
  EXPECT_EQ(text(list), "a=1 b=2 ");
  list.clear();
  EXPECT_TRUE(list.add("c", "3"));
}

TEST(FieldList, WithoutStorageItTakesNothing) {
  FieldList list;
  EXPECT_FALSE(list.add("a", "1"));
  EXPECT_EQ(list.size(), 0U);
  EXPECT_EQ(list.begin(), list.end());
}

TEST(FieldList, InAnArenaItGrows) {
  ChunkPool pool;
  Arena arena(pool);
  FieldList list(arena);
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("x-" + std::to_string(i));
  for (const std::string& name : names) ASSERT_TRUE(list.add(name, name));
  EXPECT_EQ(list.size(), 300U);
  for (const std::string& name : names) EXPECT_EQ(list.find(name)->value, name);
}

TEST(FieldList, SetReplacesEveryFieldOfThatName) {
  std::array<Field, 5> storage;
  FieldList list{std::span<Field>(storage)};
  for (const Bytes name : {"Via", "a", "vIA", "b", "via"}) list.add(name, "x");
  EXPECT_TRUE(list.set(Header::Via, "y"));
  EXPECT_EQ(text(list), "a=x b=x via=y ");
  EXPECT_TRUE(list.set("A", "z"));
  EXPECT_EQ(text(list), "b=x via=y A=z ");
  list.remove("B");
  list.remove(Header::Via);
  EXPECT_EQ(text(list), "A=z ");
}

TEST(FieldList, RemoveIfKeepsTheOrderOfTheRest) {
  std::array<Field, 6> storage;
  FieldList list{std::span<Field>(storage)};
  for (const Bytes name : {"1", "2", "3", "4", "5", "6"}) list.add(name, name);
  list.removeIf([](const Field& field) { return (field.value.front() - '0') % 2 == 0; });
  EXPECT_EQ(text(list), "1=1 3=3 5=5 ");
  list.removeIf([](const Field&) { return true; });
  EXPECT_TRUE(list.empty());
}

TEST(BodyFraming, KnowsWhenNothingFollows) {
  EXPECT_TRUE(BodyFraming::none().isEmpty());
  EXPECT_TRUE(BodyFraming::ofLength(0).isEmpty());
  EXPECT_FALSE(BodyFraming::ofLength(1).isEmpty());
  EXPECT_FALSE(BodyFraming::chunked().isEmpty());
  EXPECT_FALSE(BodyFraming::untilClose().isEmpty());
}

TEST(RequestHead, ACopyLivesInItsArena) {
  ChunkPool pool;
  Arena arena(pool);
  RequestHead copy;
  {
    // Heap memory of its own, so that a view left behind is found out.
    auto raw = std::make_unique<std::string>("PUT /p?q HTTP/1.1\r\nHost: a\r\nX: y\r\nEmpty:\r\n\r\n");
    auto elsewhere = std::make_unique<std::string>("a value that does not lie in the octets of the head");
    const Bytes view = *raw;
    std::array<Field, 8> storage;
    RequestHead head;
    head.raw = view;
    head.method = Method::Put;
    head.methodText = view.substr(0, 3);
    head.path = view.substr(4, 2);
    head.query = view.substr(6, 2);
    head.authority = view.substr(25, 1);
    head.fields = FieldList{std::span<Field>(storage)};
    head.fields.add("Host", view.substr(25, 1));
    head.fields.add("X", view.substr(31, 1));
    head.fields.add("Empty", {});
    head.fields.add("x-added", *elsewhere);
    head.body = BodyFraming::ofLength(7);
    head.version = Version::Http10;
    head.keepAlive = false;
    head.expectContinue = true;
    copy = head.copyTo(arena);
  }
  EXPECT_EQ(copy.method, Method::Put);
  EXPECT_EQ(copy.methodText, "PUT");
  EXPECT_EQ(copy.path, "/p");
  EXPECT_EQ(copy.query, "?q");
  EXPECT_EQ(copy.authority, "a");
  EXPECT_EQ(text(copy.fields), "Host=a X=y Empty= x-added=a value that does not lie in the octets of the head ");
  EXPECT_EQ(copy.fields.begin()->id, Header::Host);
  EXPECT_EQ(copy.body.length, 7U);
  EXPECT_EQ(copy.version, Version::Http10);
  EXPECT_FALSE(copy.keepAlive);
  EXPECT_TRUE(copy.expectContinue);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(copy.fields.add("x-more", "z")) << "its list grows";
}

// The path of "http://a" is implied: it need not lie in the octets of the head.
TEST(RequestHead, ACopyOfWhatIsImpliedIsWhole) {
  ChunkPool pool;
  Arena arena(pool);
  RequestHead head;
  head.path = "*";
  const RequestHead copy = head.copyTo(arena);
  EXPECT_EQ(copy.path, "*");
  EXPECT_EQ(copy.query, "");
}

}  // namespace
}  // namespace outrigger::http
