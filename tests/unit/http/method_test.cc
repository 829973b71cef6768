#include "proxy/http/method.h"

#include <gtest/gtest.h>

namespace outrigger::http {
namespace {

TEST(Method, NamesAndValuesMatch) {
  for (const Method m : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete, Method::Options,
                         Method::Trace, Method::Patch, Method::Connect}) {
    EXPECT_EQ(methodOf(methodName(m)), m) << methodName(m);
  }
  EXPECT_EQ(methodName(Method::Get), "GET");
  EXPECT_EQ(methodName(Method::Other), "");
}

TEST(Method, AnythingElseIsOther) {
  for (const Bytes name : {"", "get", "Get", "GET ", "GETS", "GE", "PROPFIND", "QUERY", "M-SEARCH"}) {
    EXPECT_EQ(methodOf(name), Method::Other) << name;
  }
}

TEST(MethodSet, HoldsWhatWasAdded) {
  constexpr MethodSet kSafe{Method::Get, Method::Head};
  EXPECT_TRUE(kSafe.has(Method::Get));
  EXPECT_TRUE(kSafe.has(Method::Head));
  EXPECT_FALSE(kSafe.has(Method::Post));
  EXPECT_FALSE(kSafe.has(Method::Other));
  EXPECT_TRUE(MethodSet().empty());
  EXPECT_FALSE(kSafe.empty());
  MethodSet grown = kSafe;
  grown.add(Method::Other);
  EXPECT_TRUE(grown.has(Method::Other));
  EXPECT_TRUE(grown.contains(kSafe));
  EXPECT_FALSE(kSafe.contains(grown));
  EXPECT_TRUE(kSafe.contains({}));
  EXPECT_EQ(kSafe, (MethodSet{Method::Head, Method::Get, Method::Get}));
}

}  // namespace
}  // namespace outrigger::http
