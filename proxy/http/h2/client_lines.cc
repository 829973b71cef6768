#include "proxy/http/h2/client_lines.h"

namespace outrigger::http::h2 {
namespace {

constexpr Bytes kConnect = "connect";

// What HTTP/1 says of a connection, and what is written from the head itself.
bool isLeftOut(Header id) {
  return isHopByHop(id) || id == Header::Host || id == Header::ContentLength || id == Header::Expect ||
         id == Header::Http2Settings;
}

}  // namespace

nghttp2_nv line(Bytes name, Bytes value) {
  // The library takes pointers to what it only reads.
  const auto octets = [](Bytes text) { return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data())); };
  return {octets(name), octets(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

bool asksForExtendedConnect(const RequestHead& head) {
  return goesOver(head) && head.upgrade != kConnect;
}

bool goesOver(const RequestHead& head) {
  if (head.upgrade.empty() || head.upgrade == kConnect) return !head.upgrade.empty();
  return head.method == Method::Get && head.body.isEmpty();
}

ClientLines::ClientLines(const RequestHead& head, std::span<const Field> more, bool secure)
    : websocket_(asksForExtendedConnect(head)) {
  constexpr size_t kOwnLines = 8;
  lines_.reserve(head.fields.size() + more.size() + kOwnLines);
  addPseudos(head, secure);
  for (const Field& field : head.fields) addField(field);
  for (const Field& field : more) addField(field);
  // RFC 9113 §8.2.2; a gRPC server may refuse calls without it.
  if (startsWithIgnoreCase(head.fields.value(Header::ContentType), "application/grpc")) add("te", "trailers");
  if (head.expectContinue) add("expect", "100-continue");
  if (head.body.kind == BodyFraming::Kind::Length) {
    length_ = std::to_string(head.body.length);
    add("content-length", length_);
  }
}

void ClientLines::addPseudos(const RequestHead& head, bool secure) {
  add(":method", goesOver(head) ? Bytes("CONNECT") : head.methodText);
  if (websocket_) add(":protocol", head.upgrade);
  if (head.upgrade != kConnect) {
    target_.append(head.path).append(head.query);
    add(":scheme", secure ? "https" : "http");
    add(":path", target_);
  }
  add(":authority", head.authority);
}

void ClientLines::addField(const Field& field) {
  if (isLeftOut(field.id)) return;
  if (websocket_ && equalsIgnoreCase(field.name, "sec-websocket-key")) return;  // RFC 8441 §5
  add(field.name, field.value);
}

void ClientLines::add(Bytes name, Bytes value) {
  lines_.push_back(line(name, value));
}

}  // namespace outrigger::http::h2
