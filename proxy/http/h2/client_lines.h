// A request's head as the lines of an HTTP/2 header block (RFC 9113 §8.3.1), for nghttp2. Views into the head and into
// the object itself; one use.
#pragma once

#include <nghttp2/nghttp2.h>

#include <span>
#include <string>
#include <vector>

#include "proxy/http/message.h"

namespace outrigger::http::h2 {

class ClientLines {
 public:
  /// `head` and `more` outlive it. Fields that belong to HTTP/1 connections are left out, `te: trailers` is added where
  /// gRPC needs it, and a length only where the body has one.
  ClientLines(const RequestHead& head, std::span<const Field> more, bool secure);
  ClientLines(const ClientLines&) = delete;
  ClientLines& operator=(const ClientLines&) = delete;

  std::span<const nghttp2_nv> lines() const { return lines_; }

 private:
  void addPseudos(const RequestHead& head, bool secure);
  void addField(const Field& field);
  void add(Bytes name, Bytes value);

  const bool websocket_;
  std::string target_;
  std::string length_;
  std::vector<nghttp2_nv> lines_;
};

/// One line; the library copies the texts when it is given them.
nghttp2_nv line(Bytes name, Bytes value);

/// Whether the stream becomes a tunnel once that is granted. An offer of another protocol may be ignored (RFC 9110
/// §7.8), and HTTP/2 has no place for a method or content beside it: such a request is sent without the offer.
bool goesOver(const RequestHead& head);

/// "websocket", as head.upgrade says it.
bool asksForExtendedConnect(const RequestHead& head);

}  // namespace outrigger::http::h2
