#include "proxy/http/h1/encoder.h"

#include <charconv>
#include <cstring>

#include "proxy/http/status.h"
#include "proxy/http/upgrade.h"

namespace outrigger::http::h1 {
namespace {

constexpr size_t kLongestNumber = 20;
constexpr size_t kFixedParts = 256;  // versions, separators, framing and connection fields

/// Appends to memory that is known to be large enough.
class Pen {
 public:
  explicit Pen(char* at) : start_(at), at_(at) {}

  Pen& text(Bytes bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());  // an absent text has no address
    at_ += bytes.size();
    return *this;
  }
  Pen& number(uint64_t value) {
    at_ = std::to_chars(at_, at_ + kLongestNumber, value).ptr;
    return *this;
  }
  Pen& field(const Field& field) { return text(field.name).text(": ").text(field.value).text("\r\n"); }

  size_t size() const { return static_cast<size_t>(at_ - start_); }

 private:
  char* start_;
  char* at_;
};

template <class Fields>
size_t sizeOf(const Fields& fields) {
  size_t total = 0;
  for (const Field& field : fields) total += field.name.size() + field.value.size() + 4;
  return total;
}

void writeFraming(Pen& pen, BodyFraming body) {
  switch (body.kind) {
    case BodyFraming::Kind::Length: pen.text("content-length: ").number(body.length).text("\r\n"); break;
    case BodyFraming::Kind::Chunked: pen.text("transfer-encoding: chunked\r\n"); break;
    case BodyFraming::Kind::None:
    case BodyFraming::Kind::UntilClose: break;
  }
}

void writeUpgradeFields(Pen& pen, Bytes protocol) {
  pen.text("connection: upgrade\r\nupgrade: ").text(protocol).text("\r\n");
}

// Without framing an answer lasts until the connection ends, unless its status or the request says that it has no
// content (RFC 9112 §6.3).
BodyFraming framingOf(const ResponseHead& head) {
  const bool bodiless = head.headOnly || head.status < 200 || head.status == 204 || head.status == 304;
  return head.body.kind == BodyFraming::Kind::None && !bodiless ? BodyFraming::ofLength(0) : head.body;
}

void writeStatusLine(Pen& pen, const ResponseHead& head) {
  const Bytes phrase = head.reasonPhrase.empty() ? reasonPhrase(head.status) : head.reasonPhrase;
  pen.text("HTTP/1.1 ").number(head.status).text(" ").text(phrase).text("\r\n");
}

}  // namespace

void writeRequestHead(WriteQueue& out, const RequestHead& head, std::span<const Field> more) {
  const size_t most = head.methodText.size() + head.path.size() + head.query.size() + head.authority.size() +
                      head.upgrade.size() + sizeOf(head.fields) + sizeOf(more) + kFixedParts;
  Pen pen(out.reserve(most));
  pen.text(head.methodText).text(" ").text(head.path).text(head.query).text(" HTTP/1.1\r\nhost: ");
  pen.text(head.authority).text("\r\n");
  for (const Field& field : head.fields) pen.field(field);
  for (const Field& field : more) pen.field(field);
  if (!head.upgrade.empty()) writeUpgradeFields(pen, head.upgrade);
  if (head.expectContinue) pen.text("expect: 100-continue\r\n");
  writeFraming(pen, head.body);
  pen.text("\r\n");
  out.commit(pen.size());
}

void writeResponseHead(WriteQueue& out, const ResponseHead& head, ConnectionWord word) {
  Pen pen(out.reserve(head.reasonPhrase.size() + sizeOf(head.fields) + kFixedParts));
  writeStatusLine(pen, head);
  for (const Field& field : head.fields) pen.field(field);
  writeFraming(pen, framingOf(head));
  if (word == ConnectionWord::Close) pen.text("connection: close\r\n");
  if (word == ConnectionWord::KeepAlive) pen.text("connection: keep-alive\r\n");
  pen.text("\r\n");
  out.commit(pen.size());
}

void writeUpgrade(WriteQueue& out, const ResponseHead& head, Bytes protocol) {
  const bool tunnel = protocol == kConnect;
  Pen pen(out.reserve(protocol.size() + sizeOf(head.fields) + kFixedParts));
  pen.text(tunnel ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 101 Switching Protocols\r\n");
  for (const Field& field : head.fields) pen.field(field);
  if (!tunnel) writeUpgradeFields(pen, protocol);
  pen.text("\r\n");
  out.commit(pen.size());
}

void writeInterim(WriteQueue& out, const ResponseHead& head) {
  Pen pen(out.reserve(head.reasonPhrase.size() + sizeOf(head.fields) + kFixedParts));
  writeStatusLine(pen, head);
  for (const Field& field : head.fields) pen.field(field);
  pen.text("\r\n");
  out.commit(pen.size());
}

void writeChunk(WriteQueue& out, Bytes data) {
  char* line = out.reserve(kLongestNumber);
  char* end = std::to_chars(line, line + kLongestNumber - 2, data.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.commit(static_cast<size_t>(end - line));
  out.borrow(data);
  out.copy("\r\n");
}

void writeLastChunk(WriteQueue& out, const FieldList& trailers) {
  Pen pen(out.reserve(sizeOf(trailers) + kFixedParts));
  pen.text("0\r\n");
  for (const Field& field : trailers) pen.field(field);
  pen.text("\r\n");
  out.commit(pen.size());
}

}  // namespace outrigger::http::h1
