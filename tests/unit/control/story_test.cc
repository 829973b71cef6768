#include "control/demo/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace outrigger::control::demo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

server::Decision decision(const char* kind, const char* upstream, const char* text) {
  return {.kind = kind, .upstream = upstream, .text = text};
}

TEST(Story, TellsAnOutageInSixLines) {
  const Instant begin(1000s);
  Story story;
  story.note(decision("breaker", "search", "too early"), begin);
  story.look({}, begin);
  EXPECT_THAT(story.lines(), IsEmpty());
  story.begin("search", "you broke it", {100, 0, 7}, begin);
  story.note(decision("breaker", "search", "open"), begin + 40ms);
  story.note(decision("ejection", "search", "a second one"), begin + 50ms);
  story.note(decision("ejection", "payments", "another service"), begin + 60ms);
  story.look({110, 0, 8}, begin + 1s);
  story.look({110, 90, 9}, begin + 2s);
  story.look({110, 95, 9}, begin + 3s);
  EXPECT_EQ(story.news().size(), 3U);
  story.mend({110, 100, 9}, begin + 4s);
  story.note(decision("breaker", "search", "open -> half-open"), begin + 5s);
  story.note(decision("breaker", "search", "half-open -> closed"), begin + 5s);
  story.look({500, 100, 9}, begin + 12s);
  story.look({600, 100, 9}, begin + 13s);
  EXPECT_THAT(story.lines(),
              ElementsAre("  0.00 s  you broke it", "  0.04 s  open",
                          "  2.00 s  10 of 100 calls to search were answered well, with 2 retries",
                          "  4.00 s  you mended it", "  5.00 s  half-open -> closed",
                          " 12.00 s  in all, 400 of 500 calls to search were answered well, with 2 retries"));
  EXPECT_EQ(story.news().size(), 3U);
  EXPECT_THAT(story.news(), IsEmpty());
}

TEST(Story, AQuickMendStillSaysWhatCallersSaw) {
  const Instant begin(1000s);
  Story story;
  story.begin("search", "you broke it", {}, begin);
  story.mend({1, 1, 1}, begin + 500ms);
  story.finish({2, 1, 1}, begin + 1s);
  story.finish({2, 1, 1}, begin + 2s);
  EXPECT_THAT(story.lines(),
              ElementsAre("  0.00 s  you broke it", "  0.50 s  1 of 2 calls to search were answered well, with 1 retry",
                          "  0.50 s  you mended it",
                          "  1.00 s  in all, 2 of 3 calls to search were answered well, with 1 retry"));
}

}  // namespace
}  // namespace outrigger::control::demo
