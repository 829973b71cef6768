#include "proxy/http/h1/framing.h"

#include <optional>

namespace outrigger::http::h1 {
namespace {

constexpr uint64_t kLongestBody = uint64_t{1} << 62;

/// What the framing fields of a head say, before the kind of message is considered.
struct FramingFields {
  std::optional<uint64_t> length;
  bool chunked = false;
};

std::unexpected<Error> refuse(const char* detail) {
  return std::unexpected(downstreamError(Reason::Malformed, detail));
}

Result<FramingFields> readFramingFields(const FieldList& fields, Version version) {
  FramingFields found;
  for (const Field& field : fields) {
    if (field.id == Header::TransferEncoding) {
      if (version == Version::Http10) return refuse("Transfer-Encoding in HTTP/1.0");
      if (found.chunked) return refuse("Transfer-Encoding is repeated");
      if (!equalsIgnoreCase(field.value, "chunked")) return refuse("a transfer coding other than chunked");
      found.chunked = true;
    }
    if (field.id == Header::ContentLength) {
      if (found.length) return refuse("Content-Length is repeated");
      found.length = parseDecimal(field.value, kLongestBody);
      if (!found.length) return refuse("Content-Length is not a plain decimal number");
    }
  }
  if (found.chunked && found.length) return refuse("Content-Length beside Transfer-Encoding");
  return found;
}

}  // namespace

ConnectionOptions connectionOptions(const FieldList& fields) {
  ConnectionOptions options;
  for (const Field& field : fields) {
    if (field.id != Header::Connection) continue;
    forEachListElement(field.value, [&](Bytes option) {
      if (equalsIgnoreCase(option, "close")) options.close = true;
      if (equalsIgnoreCase(option, "keep-alive")) options.keepAlive = true;
      if (equalsIgnoreCase(option, "upgrade")) options.upgrade = true;
      return true;
    });
  }
  return options;
}

bool persists(ConnectionOptions options, Version version) {
  return !options.close && (version != Version::Http10 || options.keepAlive);
}

Result<BodyFraming> requestFraming(const RequestHead& head) {
  const auto fields = readFramingFields(head.fields, head.version);
  if (!fields) return std::unexpected(fields.error());
  BodyFraming framing = BodyFraming::none();
  if (fields->chunked) framing = BodyFraming::chunked();
  if (fields->length) framing = BodyFraming::ofLength(*fields->length);
  if (head.method == Method::Trace && !framing.isEmpty()) return refuse("a TRACE request with content");
  return framing;
}

Result<BodyFraming> responseFraming(ResponseHead& head, Method asked) {
  const auto fields = readFramingFields(head.fields, head.version);
  if (!fields) return std::unexpected(fields.error());
  const bool bodiless = head.status < 200 || head.status == 204;
  if (bodiless && (fields->chunked || fields->length.value_or(0) > 0)) {
    return refuse("an answer that cannot have content announces some");
  }
  if (bodiless) return BodyFraming::none();
  head.headOnly = asked == Method::Head || head.status == 304;
  if (fields->chunked) return BodyFraming::chunked();
  if (fields->length) return BodyFraming::ofLength(*fields->length);
  return head.headOnly ? BodyFraming::none() : BodyFraming::untilClose();
}

}  // namespace outrigger::http::h1
