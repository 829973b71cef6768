// The fields of an answer as nghttp2 takes them (RFC 9113 §8.3.2). One thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <span>
#include <vector>

#include "proxy/http/message.h"

namespace outrigger::http::h2 {

/// Lives as long as one call that submits it; the library copies what it needs.
class FieldArray {
 public:
  /// `:status`, the fields without those that belong to HTTP/1 connections, and `content-length` where it is known.
  FieldArray(const ResponseHead& head, std::vector<nghttp2_nv>& storage);
  FieldArray(const FieldList& trailers, std::vector<nghttp2_nv>& storage);

  std::span<const nghttp2_nv> pairs() const { return storage_; }

 private:
  void add(Bytes name, Bytes value, bool nameStays);
  void addAll(const FieldList& fields);

  std::vector<nghttp2_nv>& storage_;
  std::array<char, 3> status_{};
  std::array<char, 20> length_{};
};

}  // namespace outrigger::http::h2
