#include "proxy/http/h2/response_fields.h"

#include <charconv>

namespace outrigger::http::h2 {
namespace {

// Secrets stay out of tables that whoever shares the connection could probe (RFC 7541 §7.1).
constexpr uint8_t flagsFor(Header id) {
  return id == Header::SetCookie ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
}

// The answer to a key that HTTP/2 does not have (RFC 8441 §5).
constexpr Bytes kAcceptField = "sec-websocket-accept";

}  // namespace

FieldArray::FieldArray(const ResponseHead& head, std::vector<nghttp2_nv>& storage) : storage_(storage) {
  storage_.clear();
  // RFC 8441 §5: an upgrade is granted by 200.
  const uint16_t status = head.upgraded ? uint16_t{200} : head.status;
  std::to_chars(status_.data(), status_.data() + status_.size(), status);
  add(":status", {status_.data(), status_.size()}, true);
  addAll(head.fields);
  const bool bodiless = head.status < 200 || head.status == 204 || head.upgraded;
  if (head.body.kind != BodyFraming::Kind::Length || bodiless) return;
  const char* end = std::to_chars(length_.data(), length_.data() + length_.size(), head.body.length).ptr;
  add("content-length", {length_.data(), static_cast<size_t>(end - length_.data())}, true);
}

FieldArray::FieldArray(const FieldList& trailers, std::vector<nghttp2_nv>& storage) : storage_(storage) {
  storage_.clear();
  addAll(trailers);
}

void FieldArray::addAll(const FieldList& fields) {
  for (const Field& field : fields) {
    const Bytes known = headerName(field.id);
    if (isHopByHop(field.id) || field.name == kAcceptField) continue;
    add(known.empty() ? field.name : known, field.value, !known.empty());
    storage_.back().flags |= flagsFor(field.id);
  }
}

// Names that do not stay are copied by the library and written in lower case.
void FieldArray::add(Bytes name, Bytes value, bool nameStays) {
  const auto octets = [](Bytes text) { return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data())); };
  const uint8_t flags = nameStays ? NGHTTP2_NV_FLAG_NO_COPY_NAME : NGHTTP2_NV_FLAG_NONE;
  storage_.push_back({octets(name), octets(value), name.size(), value.size(), flags});
}

}  // namespace outrigger::http::h2
