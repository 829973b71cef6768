// The server's side of HTTP/1 against arbitrary octets. The first two octets say where the rest is cut, as fractions of
// its size. Whatever comes, the codec says the same of it however it arrives, its events are in order, chunks have the
// content that a plain reader finds in them, and a head that it lets pass is read back the same after we have written
// it to an upstream.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "proxy/http/h1/encoder.h"
#include "tests/support/h1_transcript.h"
#include "tests/support/plain_chunks.h"
#include "tests/support/recording_transport.h"

namespace outrigger::http::h1 {
namespace {

using outrigger::testing::contentOfChunks;
using outrigger::testing::Cuts;
using outrigger::testing::framingText;
using outrigger::testing::readRequests;
using outrigger::testing::RecordingTransport;

[[noreturn]] void fail(const char* what, const std::string& one, const std::string& other) {
  std::fprintf(stderr, "%s\n--- one\n%s\n--- other\n%s\n", what, one.c_str(), other.c_str());
  std::abort();
}

// What one hop writes itself and does not copy.
bool isForOneHop(const Field& field) {
  return isHopByHop(field.id) || field.id == Header::Host || field.id == Header::ContentLength ||
         field.id == Header::Expect;
}

std::string textOf(const RequestHead& head) {
  std::string text = std::string(head.methodText) + " " + std::string(head.authority) + " " + std::string(head.path) +
                     std::string(head.query) + " " + framingText(head.body) + (head.expectContinue ? " expect" : "") +
                     " " + std::string(head.upgrade);
  for (const Field& field : head.fields) {
    if (!isForOneHop(field)) text.append("\n").append(field.name).append(": ").append(field.value);
  }
  return text;
}

struct Reread final : ServerEvents {
  void onRequestHead(RequestHead& head) override { text = textOf(head); }
  void onBody(Bytes) override {}
  void onRequestEnd(FieldList) override {}
  std::string text;
};

// Writes each head as an upstream would get it, and reads it again.
struct Rewriting final : ServerEvents {
  void onRequestHead(RequestHead& head) override {
    chunked = head.body.kind == BodyFraming::Kind::Chunked;
    behindHead = head.raw.data() + head.raw.size();
    content.clear();
    if (head.authority.empty()) return;  // HTTP/1.0 without Host: whoever forwards it has to name one
    const std::string before = textOf(head);
    head.fields.removeIf(isForOneHop);
    writeRequestHead(out, head);
    turn.settle();
    const std::string bytes = std::exchange(transport.written, {});
    HeadScratch scratch;
    const HeadLimits limits{.headBytes = 1 << 20, .headFields = 1000, .targetBytes = 1 << 16};
    Reread again;
    ServerCodec codec(scratch, limits, again);
    if (!codec.feed(bytes)) fail("refused after it was written again", before, bytes);
    if (again.text != before) fail("another one after it was written again", before, again.text);
  }
  void onBody(Bytes data) override { content += data; }
  void onRequestEnd(FieldList) override {}

  bool chunked = false;
  const char* behindHead = nullptr;
  std::string content;
  Turn turn{Instant(1s), WallTime(), 1};
  RecordingTransport transport;
  WriteQueue out{turn, transport};
};

void writeAgain(Bytes input) {
  HeadScratch scratch;
  const HeadLimits limits;
  Rewriting events;
  ServerCodec codec(scratch, limits, events);
  const char* const end = input.data() + input.size();
  while (!input.empty()) {
    const auto used = codec.feed(input);
    if (events.chunked) {
      const std::string plain = contentOfChunks({events.behindHead, end});
      const bool whole = used && codec.requestComplete();
      if (whole ? plain != events.content : !plain.starts_with(events.content)) fail("content", plain, events.content);
    }
    if (!used || *used == 0) return;
    input.remove_prefix(*used);
    if (codec.requestComplete()) codec.next();
    events.chunked = false;
  }
}

void check(Bytes input, Cuts cuts) {
  const std::string whole = readRequests(input);
  if (whole.starts_with("BROKEN")) fail("events that contradict each other", whole, "");
  const std::string cut = readRequests(input, cuts);
  if (cut != whole) fail("the cuts matter", whole, cut);
  std::vector<size_t> everywhere(input.size());
  std::iota(everywhere.begin(), everywhere.end(), size_t{1});
  const std::string octets = readRequests(input, everywhere);
  if (octets != whole) fail("octet by octet it is another", whole, octets);
  writeAgain(input);
}

}  // namespace
}  // namespace outrigger::http::h1

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const outrigger::Bytes input(reinterpret_cast<const char*>(data) + 2, size - 2);
  size_t cuts[] = {data[0] * input.size() / 256, data[1] * input.size() / 256};
  if (cuts[0] > cuts[1]) std::swap(cuts[0], cuts[1]);
  outrigger::http::h1::check(input, cuts);
  return 0;
}
