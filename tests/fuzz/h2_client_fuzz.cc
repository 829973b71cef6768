// Octets of a server over a ClientSession with three requests under way: whatever comes, each stream ends at most once,
// in the order of its events, and what was not framed as content is never passed on.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "proxy/http/h2/client_session.h"
#include "tests/support/recording_transport.h"

namespace outrigger::http::h2 {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

class Watched final : public ClientStream {
 public:
  void onInterim(ResponseHead& head) override { require(state_ == 0 && head.status < 200 && head.status != 101); }
  void onResponseHead(ResponseHead& head) override {
    require(state_ == 0 && head.status >= 200 && head.status <= 599);
    if (head.body.kind == BodyFraming::Kind::Length) left_ = head.headOnly ? 0 : head.body.length;
    for (const Field& field : head.fields) {
      require(field.value.find_first_of(Bytes("\r\n\0", 3)) == Bytes::npos);
      require(field.id != Header::Connection && field.id != Header::TransferEncoding);
    }
    state_ = 1;
  }
  void onBody(Bytes data) override {
    require(state_ == 1 && data.size() <= left_);
    if (left_ != UINT64_MAX) left_ -= data.size();
  }
  void onResponseEnd(FieldList) override {
    require(state_ == 1 && (left_ == 0 || left_ == UINT64_MAX));
    state_ = 2;
  }
  void onFailed(const Error& why, bool) override {
    require(state_ < 2 && (!why.unsent || state_ == 0));
    state_ = 2;
  }
  void onDrained() override { require(state_ < 2); }

 private:
  int state_ = 0;  // before the head, in the body, ended
  uint64_t left_ = UINT64_MAX;
};

struct Deaf final : ClientSessionEvents {
  void onGreeted() override {}
  void onStreamGone() override {}
  void onGuard(Guard) override {}
};

void run(Bytes octets, size_t step) {
  Turn turn(Instant(1h), WallTime(), 1);
  testing::RecordingTransport transport;
  WriteQueue out(turn, transport);
  Workbench bench;
  Deaf deaf;
  std::array<Watched, 3> streams;
  ClientSession session(bench, deaf, turn.now, false);
  const std::array<Method, 3> methods{Method::Get, Method::Post, Method::Head};
  for (size_t i = 0; i < streams.size(); ++i) {
    RequestHead head;
    head.method = methods[i];
    head.methodText = methodName(methods[i]);
    head.authority = "shop";
    head.path = "/";
    if (methods[i] == Method::Post) head.body = BodyFraming::chunked();
    session.open(streams[i], head, {});
  }
  session.append(streams[1], "content");
  session.write(out);
  while (!octets.empty() && !session.failure()) {
    const Bytes piece = octets.substr(0, step);
    octets.remove_prefix(piece.size());
    session.feed(piece, turn.now);
    session.write(out);
  }
  session.lose(upstreamError(Reason::UpstreamReset, "the input ends"));
  require(session.streams() == 0);
}

}  // namespace
}  // namespace outrigger::http::h2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const outrigger::Bytes octets(reinterpret_cast<const char*>(data), size);
  outrigger::http::h2::run(octets, size + 1);
  outrigger::http::h2::run(octets, 7);
  return 0;
}
