// Memory of HTTP/2 sessions, and the content that waits for a window.
#include "proxy/http/h2/memory.h"

#include <gtest/gtest.h>

#include <cstring>

#include "proxy/base/turn.h"
#include "proxy/http/h2/outgoing_body.h"
#include "tests/support/recording_transport.h"

namespace outrigger::http::h2 {
namespace {

TEST(H2Memory, GivesOutWhatWasGivenBackLast) {
  Memory memory;
  nghttp2_mem& port = *memory.port();
  void* first = port.malloc(100, port.mem_user_data);
  EXPECT_EQ(memory.inUse(), 128U);
  port.free(first, port.mem_user_data);
  EXPECT_EQ(memory.inUse(), 0U);
  EXPECT_EQ(memory.kept(), 128U);
  void* second = port.malloc(70, port.mem_user_data);
  EXPECT_EQ(second, first);
  port.free(second, port.mem_user_data);
}

TEST(H2Memory, GrowsAndClears) {
  Memory memory;
  nghttp2_mem& port = *memory.port();
  char* text = static_cast<char*>(port.calloc(10, 10, port.mem_user_data));
  EXPECT_EQ(Bytes(text, 100), std::string(100, '\0'));
  std::strcpy(text, "kept");
  text = static_cast<char*>(port.realloc(text, 100'000, port.mem_user_data));
  EXPECT_STREQ(text, "kept");
  port.free(text, port.mem_user_data);
  EXPECT_EQ(port.calloc(SIZE_MAX, 2, port.mem_user_data), nullptr);
  port.free(nullptr, port.mem_user_data);
}

TEST(H2Memory, KeepsLittle) {
  Memory memory;
  nghttp2_mem& port = *memory.port();
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(port.malloc(2000, port.mem_user_data));
  for (void* block : blocks) port.free(block, port.mem_user_data);
  EXPECT_LE(memory.kept(), 100'000U);
}

TEST(H2OutgoingBody, GivesItsOctetsInOrderWhatHeldOrBorrowed) {
  Turn turn(Instant{}, WallTime{}, 1);
  outrigger::testing::RecordingTransport transport;
  WriteQueue out(turn, transport);
  OutgoingBody body;
  std::string all;
  Rng rng(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> pieces;  // valid until keep()
    for (uint64_t i = rng.below(7); i > 0; --i)
      pieces.push_back(std::string(rng.below(9000), static_cast<char>('a' + i)));
    for (const std::string& piece : pieces) {
      body.append(piece);
      all += piece;
    }
    if (body.size() > 0) body.writeTo(out, rng.below(body.size()) + 1);
    out.flush();
    body.keep();
  }
  body.writeTo(out, body.size());
  out.flush();
  body.keep();
  EXPECT_EQ(transport.written, all);
  EXPECT_TRUE(body.empty());
}

}  // namespace
}  // namespace outrigger::http::h2
