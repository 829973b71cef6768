#include "proxy/http/h1/head_reader.h"

#include <algorithm>
#include <cstring>

#include "proxy/http/grammar.h"

namespace outrigger::http::h1 {
namespace {

std::unexpected<Error> malformed(const char* detail) {
  return std::unexpected(downstreamError(Reason::Malformed, detail));
}
std::unexpected<Error> tooLarge(const char* detail) {
  return std::unexpected(downstreamError(Reason::HeadersTooLarge, detail));
}

constexpr size_t kLongestMethod = 32;
constexpr size_t kVersionAndSpaces = 11;  // " ", " HTTP/1.1", CR

// The first word of a start line that is still incomplete can already be impossible: a TLS handshake, binary noise.
bool canBeginStartLine(Bytes text) {
  const Bytes word = text.substr(0, std::min(text.find(' '), kLongestMethod));
  return text.empty() ||
         (!word.empty() && std::ranges::all_of(word, [](char c) { return isTokenOctet(c) || c == '/' || c == '\r'; }));
}

/// Collects what llhttp reports of one head.
struct Collector {
  RawHead head;
  bool complete = false;
  bool tooMany = false;
  bool otherCoding = false;
  bool skipBody = false;
  Bytes name;

  static Collector& of(llhttp_t* parser) { return *static_cast<Collector*>(parser->data); }

  static void extend(Bytes& span, const char* at, size_t size) {
    span = span.empty() ? Bytes(at, size) : Bytes(span.data(), static_cast<size_t>(at + size - span.data()));
  }
  static int onProtocol(llhttp_t* p, const char* at, size_t size) {
    extend(of(p).head.protocol, at, size);
    return 0;
  }
  static int onUrl(llhttp_t* p, const char* at, size_t size) {
    extend(of(p).head.url, at, size);
    return 0;
  }
  static int onStatus(llhttp_t* p, const char* at, size_t size) {
    extend(of(p).head.reasonPhrase, at, size);
    return 0;
  }
  static int onField(llhttp_t* p, const char* at, size_t size) {
    extend(of(p).name, at, size);
    return 0;
  }
  static int onFieldComplete(llhttp_t* p) {
    Collector& c = of(p);
    if (!c.head.fields.add(headerOf(c.name), c.name, {})) c.tooMany = true;
    c.name = {};
    return c.tooMany ? -1 : 0;
  }
  static int onValue(llhttp_t* p, const char* at, size_t size) {
    extend((of(p).head.fields.end() - 1)->value, at, size);
    return 0;
  }
  static int onComplete(llhttp_t* p) {
    Collector& c = of(p);
    c.complete = true;
    c.otherCoding = (p->flags & F_TRANSFER_ENCODING) != 0 && (p->flags & F_CHUNKED) == 0;
    return c.skipBody ? 1 : 0;
  }
};

const llhttp_settings_t& headSettings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_protocol = Collector::onProtocol;
    s.on_url = Collector::onUrl;
    s.on_status = Collector::onStatus;
    s.on_header_field = Collector::onField;
    s.on_header_field_complete = Collector::onFieldComplete;
    s.on_header_value = Collector::onValue;
    s.on_headers_complete = Collector::onComplete;
    return s;
  }();
  return settings;
}

// True if the start line names a version of HTTP as it should be written: then it is one that we do not speak.
bool namesVersion(Bytes text) {
  constexpr Bytes kBefore = " HTTP/";
  const Bytes line = text.substr(0, text.find('\r'));
  const size_t at = line.find(kBefore);
  if (at == Bytes::npos) return false;
  const Bytes version = line.substr(at + kBefore.size());
  return version.size() == 3 && isDigit(version[0]) && version[1] == '.' && isDigit(version[2]);
}

Error grammarError(const llhttp_t& parser, Bytes text) {
  const llhttp_errno_t error = llhttp_get_errno(&parser);
  if (error == HPE_INVALID_METHOD) {
    return downstreamError(Reason::Unsupported, "a method that this proxy does not know");
  }
  // HPE_OK: all was read and more is wanted, for the preface of HTTP/2 does not end at its empty line.
  if (error == HPE_OK || error == HPE_PAUSED_H2_UPGRADE || (error == HPE_INVALID_VERSION && namesVersion(text))) {
    return downstreamError(Reason::UnsupportedVersion, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  }
  return downstreamError(Reason::Malformed, llhttp_get_error_reason(&parser));
}

}  // namespace

std::span<Field> HeadScratch::storage(size_t fields) {
  if (storage_.size() < fields) storage_.resize(fields);
  return {storage_.data(), fields};
}

Result<HeadReader::Found> HeadReader::find(Bytes input, const HeadLimits& limits) {
  while (scanned_ < input.size()) {
    const void* lf = std::memchr(input.data() + scanned_, '\n', input.size() - scanned_);
    if (lf == nullptr) {
      scanned_ = static_cast<uint32_t>(input.size());
      break;
    }
    const auto lineEnd = static_cast<size_t>(static_cast<const char*>(lf) - input.data());
    if (isOrdinaryField(input, lineEnd, limits)) {
      scanned_ = lineStart_ = static_cast<uint32_t>(lineEnd + 1);
      ++lines_;
      continue;
    }
    auto found = takeLine(input, lineEnd, limits);
    if (!found || found->consumed > 0) return found;
  }
  if (auto ok = checkGrowth(input, input.size(), limits); !ok) return std::unexpected(ok.error());
  return Found{};
}

// Nearly every line: a field within the limits that nothing speaks against.
bool HeadReader::isOrdinaryField(Bytes input, size_t lineEnd, const HeadLimits& limits) const {
  const char* const line = input.data() + lineStart_;
  const size_t size = lineEnd - lineStart_;
  if (lines_ == 0 || size < 2 || line[size - 1] != '\r' || line[0] == ' ' || line[0] == '\t') return false;
  return lineEnd - start_ <= limits.headBytes && lines_ <= limits.headFields && !holdsControl({line, size - 1});
}

// What can be told of the unfinished line that reaches up to `end`. Asked for a finished one as well, so that a head
// that arrives at once is refused for the same reason as one that trickles in.
Result<void> HeadReader::checkGrowth(Bytes input, size_t end, const HeadLimits& limits) const {
  if (lines_ == 0) {
    const Bytes line = input.substr(lineStart_, end - lineStart_);
    if (!canBeginStartLine(line)) return malformed("this is not HTTP");
    const size_t most = limits.targetBytes + kVersionAndSpaces + kLongestMethod;
    if (line.size() > most && most <= limits.headBytes) {
      return std::unexpected(downstreamError(Reason::UriTooLong, "the request line is longer than the limit"));
    }
  }
  if (end - start_ > limits.headBytes) return tooLarge("the head is larger than the limit");
  return {};
}

Result<HeadReader::Found> HeadReader::takeLine(Bytes input, size_t lineEnd, const HeadLimits& limits) {
  if (auto ok = checkGrowth(input, lineEnd, limits); !ok) return std::unexpected(ok.error());
  Bytes line = input.substr(lineStart_, lineEnd - lineStart_);
  if (!line.ends_with('\r')) return malformed("a line ends with a bare LF");
  line.remove_suffix(1);
  scanned_ = lineStart_ = static_cast<uint32_t>(lineEnd + 1);
  if (line.empty()) return takeEmptyLine(input);
  if (holdsControl(line)) return malformed("a bare CR or another control octet");
  if (lines_ > 0 && (line.front() == ' ' || line.front() == '\t')) return malformed("a folded header line");
  if (lines_ > limits.headFields) return tooLarge("more header fields than the limit");
  ++lines_;
  return Found{};
}

Result<HeadReader::Found> HeadReader::takeEmptyLine(Bytes input) {
  if (lines_ > 0) return Found{.consumed = lineStart_, .text = input.substr(start_, lineStart_ - start_)};
  // A server ignores one empty line before a request line (RFC 9112 §2.2); before an answer it is an octet too many.
  if (start_ > 0 || type_ != HTTP_REQUEST) return malformed("an empty line where a start line should be");
  start_ = lineStart_;
  return Found{};
}

Result<RawHead> HeadReader::parse(Bytes text, HeadScratch& scratch, const HeadLimits& limits, bool skipBody) const {
  constexpr size_t kSpare = 32;  // for fields that are added to a head in place
  Collector collector;
  collector.skipBody = skipBody;
  collector.head.text = text;
  collector.head.fields = FieldList(scratch.storage(limits.headFields + kSpare));
  llhttp_t& parser = scratch.parser();
  llhttp_init(&parser, type_, &headSettings());
  parser.data = &collector;
  llhttp_execute(&parser, text.data(), text.size());
  parser.data = nullptr;
  if (collector.tooMany) return tooLarge("more header fields than the limit");
  if (!collector.complete) return std::unexpected(grammarError(parser, text));
  // "chunked" with a tab behind it: an unknown coding to llhttp, which would then read no chunks; chunked to us, who
  // trim.
  if (collector.otherCoding) return malformed("a transfer coding other than chunked");
  for (Field& field : collector.head.fields) field.value = trimSpace(field.value);
  collector.head.major = parser.http_major;
  collector.head.minor = parser.http_minor;
  collector.head.status = parser.status_code;
  return collector.head;
}

}  // namespace outrigger::http::h1
