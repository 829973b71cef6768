// Takes the body of an HTTP/1 message out of its framing: by length, by chunks (llhttp), or until the connection ends
// (RFC 9112 §6). Trailers are collected whole and checked. One thread; belongs to a codec.
#pragma once

#include <llhttp.h>

#include <cstdint>
#include <memory>

#include "proxy/base/result.h"
#include "proxy/http/message.h"

namespace outrigger::http::h1 {

/// Who gets the body's octets, as views into what was read.
class BodySink {
 public:
  virtual void onBody(Bytes data) = 0;

 protected:
  ~BodySink() = default;
};

class BodyReader {
 public:
  BodyReader();
  ~BodyReader();

  /// Limits on the parts of a chunked body that carry no content. Octets, count.
  static constexpr size_t kMostTrailerBytes = 8192;
  static constexpr size_t kMostTrailers = 64;
  /// Chunk sizes, extensions, line ends and the trailer section together: so many octets, and kFramingPerOctet more for
  /// each octet of content. The smallest chunks that one can send stay below it.
  static constexpr size_t kMostFraming = 16 * 1024;
  static constexpr size_t kFramingPerOctet = 8;

  /// Forgets the body before. `parser` is the one that has read the head; a chunked body goes on with a copy of it.
  void start(BodyFraming framing, const llhttp_t& parser);

  /// Reads on; hands content to `sink`. Returns the octets used: fewer than given once the body is complete. An error
  /// says what is wrong with the framing.
  Result<size_t> read(Bytes input, BodySink& sink);

  bool complete() const { return complete_; }

  /// The connection ended where we are: true if that is where the body may end.
  bool endsAtClose() const { return framing_.kind == BodyFraming::Kind::UntilClose; }

  /// The trailer section of a complete chunked body, else empty; valid until the next start().
  FieldList trailers();

 private:
  struct Chunked;  // what only a chunked body needs, made when one arrives
  struct Callbacks;

  Result<size_t> readLength(Bytes input, BodySink& sink);
  Result<size_t> readChunked(Bytes input, BodySink& sink);

  BodyFraming framing_;
  uint64_t left_ = 0;
  bool complete_ = true;
  std::unique_ptr<Chunked> chunked_;
};

}  // namespace outrigger::http::h1
