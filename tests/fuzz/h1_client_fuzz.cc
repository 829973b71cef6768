// The client's side of HTTP/1 against arbitrary answers. The first octet names the request ('H': HEAD, 'W': GET that
// asks for a WebSocket, else GET; lower case: the upstream keeps the connection open), the next two say where the rest
// is cut, as fractions of its size. Whatever comes, the codec says the same of it however it arrives (but for octets
// behind the end, which it can only refuse once it has them), its events are in order, chunks have the content that a
// plain reader finds in them, and a head that it lets pass is read back the same after we have written it to a
// downstream.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "proxy/http/h1/encoder.h"
#include "tests/support/h1_transcript.h"
#include "tests/support/plain_chunks.h"
#include "tests/support/recording_transport.h"

namespace outrigger::http::h1 {
namespace {

using outrigger::testing::Asked;
using outrigger::testing::contentOfChunks;
using outrigger::testing::Cuts;
using outrigger::testing::framingText;
using outrigger::testing::Peer;
using outrigger::testing::readAnswer;
using outrigger::testing::RecordingTransport;
using outrigger::testing::sameAnswer;

[[noreturn]] void fail(const char* what, const std::string& one, const std::string& other) {
  std::fprintf(stderr, "%s\n--- one\n%s\n--- other\n%s\n", what, one.c_str(), other.c_str());
  std::abort();
}

// What one hop writes itself and does not copy.
bool isForOneHop(const Field& field) {
  return isHopByHop(field.id) || field.id == Header::ContentLength;
}

std::string textOf(const ResponseHead& head) {
  std::string text = std::to_string(head.status) + " " + framingText(head.body) + (head.headOnly ? " head-only" : "");
  for (const Field& field : head.fields) {
    if (!isForOneHop(field)) text.append("\n").append(field.name).append(": ").append(field.value);
  }
  return text;
}

struct Reread final : ClientEvents {
  void onInterim(ResponseHead& head) override { text = textOf(head); }
  void onResponseHead(ResponseHead& head) override { text = textOf(head); }
  void onBody(Bytes) override {}
  void onResponseEnd(FieldList) override {}
  std::string text;
};

// Writes each head as a downstream would get it, and reads it again.
struct Rewriting final : ClientEvents {
  explicit Rewriting(const Asked& asked) : asked(asked) {}
  void onInterim(ResponseHead& head) override { rewrite(head, true); }
  void onResponseHead(ResponseHead& head) override {
    chunked = head.body.kind == BodyFraming::Kind::Chunked && !head.headOnly;
    rewrite(head, false);
  }
  void onBody(Bytes data) override { content += data; }
  void onResponseEnd(FieldList) override { complete = true; }

  void rewrite(ResponseHead& head, bool interim) {
    const std::string before = textOf(head);
    head.fields.removeIf(isForOneHop);
    if (interim) writeInterim(out, head);
    if (head.upgraded) {
      writeUpgrade(out, head, asked.upgrade);
    } else if (!interim) {
      writeResponseHead(out, head, ConnectionWord::None);
    }
    turn.settle();
    const std::string bytes = std::exchange(transport.written, {});
    HeadScratch scratch;
    Reread again;
    ClientCodec codec(scratch, again);
    codec.expect(asked.method, asked.upgrade);
    if (!codec.feed(bytes)) fail("refused after it was written again", before, bytes);
    if (again.text != before) fail("another one after it was written again", before, again.text);
  }

  Asked asked;
  bool chunked = false;
  bool complete = false;
  std::string content;
  Turn turn{Instant(1s), WallTime(), 1};
  RecordingTransport transport;
  WriteQueue out{turn, transport};
};

// What stands behind the head of the last answer.
Bytes behindHeads(Bytes input) {
  bool interim = true;
  while (interim) {
    interim = input.substr(0, 10).ends_with('1');  // the first digit of the status
    input.remove_prefix(input.find("\r\n\r\n") + 4);
  }
  return input;
}

void writeAgain(const Asked& asked, Bytes input) {
  HeadScratch scratch;
  Rewriting events(asked);
  ClientCodec codec(scratch, events);
  codec.expect(asked.method, asked.upgrade);
  for (Bytes rest = input; !rest.empty();) {
    const auto used = codec.feed(rest);
    if (!used || *used == 0) break;
    rest.remove_prefix(*used);
  }
  if (!events.chunked) return;
  const std::string plain = contentOfChunks(behindHeads(input));
  if (events.complete ? plain != events.content : !plain.starts_with(events.content)) {
    fail("content", plain, events.content);
  }
}

void check(const Asked& asked, Peer peer, Bytes input, Cuts cuts) {
  std::vector<size_t> everywhere(input.size());
  std::iota(everywhere.begin(), everywhere.end(), size_t{1});
  const std::string octets = readAnswer(asked, input, everywhere, peer);
  if (octets.starts_with("BROKEN")) fail("events that contradict each other", octets, "");
  const std::string whole = readAnswer(asked, input, {}, peer);
  if (!sameAnswer(octets, whole)) fail("in one piece it is another", octets, whole);
  const std::string cut = readAnswer(asked, input, cuts, peer);
  if (!sameAnswer(octets, cut)) fail("the cuts matter", octets, cut);
  writeAgain(asked, input);
}

}  // namespace
}  // namespace outrigger::http::h1

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using outrigger::http::Method;
  using outrigger::testing::Peer;
  if (size < 3) return 0;
  const outrigger::Bytes input(reinterpret_cast<const char*>(data) + 3, size - 3);
  size_t cuts[] = {data[1] * input.size() / 256, data[2] * input.size() / 256};
  if (cuts[0] > cuts[1]) std::swap(cuts[0], cuts[1]);
  outrigger::testing::Asked asked((data[0] | 0x20) == 'h' ? Method::Head : Method::Get);
  if ((data[0] | 0x20) == 'w') asked.upgrade = "websocket";
  const Peer peer = (data[0] & 0x20) != 0 ? Peer::StaysOpen : Peer::Closes;
  outrigger::http::h1::check(asked, peer, input, cuts);
  return 0;
}
