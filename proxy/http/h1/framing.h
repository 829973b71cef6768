// How long a message's body is, and whether its connection persists: RFC 9112 §6.3 and §9.3, read strictly. Every doubt
// is an error, since a doubt about framing is how requests are smuggled. Pure.
#pragma once

#include "proxy/base/result.h"
#include "proxy/http/message.h"

namespace outrigger::http::h1 {

/// What the Connection fields say.
struct ConnectionOptions {
  bool close = false;
  bool keepAlive = false;
  bool upgrade = false;
};
ConnectionOptions connectionOptions(const FieldList& fields);

/// Whether the connection stays open after this message.
bool persists(ConnectionOptions options, Version version);

/// The framing of a request. Refused: Transfer-Encoding with Content-Length, in HTTP/1.0, repeated, or anything but
/// exactly "chunked"; a Content-Length that is repeated or not plain decimal; a body on TRACE.
Result<BodyFraming> requestFraming(const RequestHead& head);

/// The framing of an answer to a request with method `asked`. `head.headOnly` is set where no octet follows whatever
/// the fields say (HEAD, 304).
Result<BodyFraming> responseFraming(ResponseHead& head, Method asked);

}  // namespace outrigger::http::h1
