// Finds and parses the head of an HTTP/1 message. llhttp (strict, no lenient flag) does the grammar; on top of it
// stands what it lets pass and a proxy must not: bare CR or LF, control octets, folded lines, too many or too large
// fields, a coding beside chunked. What is found wrong does not depend on how the octets arrived.
//
// A head is parsed only when all of it is there, in one contiguous run, so that every view points into that run and the
// head can be copied with one memcpy. One thread.
#pragma once

#include <llhttp.h>

#include <cstdint>
#include <vector>

#include "proxy/base/result.h"
#include "proxy/http/head_limits.h"
#include "proxy/http/message.h"

namespace outrigger::http::h1 {

using http::HeadLimits;

/// What the parsing of one head needs, shared by all codecs of a worker: a head is used up before the next is parsed.
class HeadScratch {
 public:
  /// Storage for `fields` parsed fields and those that the proxy adds.
  std::span<Field> storage(size_t fields);
  /// As the last head left it: ready for a chunked body, which takes a copy.
  llhttp_t& parser() { return parser_; }

 private:
  llhttp_t parser_;
  std::vector<Field> storage_;
};

/// The pieces of a head before they are understood.
struct RawHead {
  Bytes text;      ///< from the first octet of the start line to the empty line, inclusive
  Bytes protocol;  ///< "HTTP", or another that llhttp knows; empty in the request line of HTTP/0.9
  Bytes url;
  Bytes reasonPhrase;
  FieldList fields;
  uint8_t major = 0;
  uint8_t minor = 0;
  uint16_t status = 0;  ///< of an answer
};

/// Of HTTP/1.x.
inline Version versionOf(const RawHead& raw) {
  return raw.minor == 0 ? Version::Http10 : Version::Http11;
}

class HeadReader {
 public:
  explicit HeadReader(llhttp_type_t type) : type_(type) {}

  struct Found {
    size_t consumed = 0;  ///< octets that belong to the head, an empty line before it included; 0: not complete
    Bytes text;
  };

  /// Looks for a complete head at the start of `input`. When it is not complete, call again with the same octets and
  /// more behind them: the search goes on where it stopped.
  Result<Found> find(Bytes input, const HeadLimits& limits);

  /// Runs llhttp over a complete head.
  Result<RawHead> parse(Bytes text, HeadScratch& scratch, const HeadLimits& limits, bool skipBody = false) const;

  void reset() { *this = HeadReader(type_); }

  /// True once the first octet of a head has been seen.
  bool begun() const { return scanned_ > start_; }

 private:
  bool isOrdinaryField(Bytes input, size_t lineEnd, const HeadLimits& limits) const;
  Result<void> checkGrowth(Bytes input, size_t end, const HeadLimits& limits) const;
  Result<Found> takeLine(Bytes input, size_t lineEnd, const HeadLimits& limits);
  Result<Found> takeEmptyLine(Bytes input);

  llhttp_type_t type_;
  uint32_t start_ = 0;      // where the start line begins: behind an empty line, if there was one
  uint32_t lineStart_ = 0;  // where the unfinished line begins
  uint32_t scanned_ = 0;    // octets that hold no further LF
  uint32_t lines_ = 0;      // complete lines
};

}  // namespace outrigger::http::h1
