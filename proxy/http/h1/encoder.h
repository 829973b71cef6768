// Writes HTTP/1.1 messages: one contiguous head, framing made by us and never copied from a peer (RFC 9112). The field
// lists given hold end-to-end fields only; Host, Connection, Upgrade, Content-Length and Transfer-Encoding are written
// from what the head says. One thread.
#pragma once

#include <span>

#include "proxy/base/write_queue.h"
#include "proxy/http/message.h"

namespace outrigger::http::h1 {

/// Writes the head of a request; `more` are fields behind those of the head.
void writeRequestHead(WriteQueue& out, const RequestHead& head, std::span<const Field> more = {});

/// How the answer's connection goes on, as far as the peer must be told.
enum class ConnectionWord : uint8_t {
  None,       ///< HTTP/1.1 that persists
  Close,      ///< this is the last answer
  KeepAlive,  ///< HTTP/1.0 that persists
};

/// Writes the head of an answer. Framing `None` becomes a length of 0 where a peer would else wait for the end.
void writeResponseHead(WriteQueue& out, const ResponseHead& head, ConnectionWord word);

/// Writes the head of an answer that grants what was asked for: 101 with the name of the protocol, or 200 to CONNECT.
/// What follows is the other protocol's and has no framing.
void writeUpgrade(WriteQueue& out, const ResponseHead& head, Bytes protocol);

/// Writes a 1xx answer.
void writeInterim(WriteQueue& out, const ResponseHead& head);

/// Writes one chunk; `data` is not empty and stays valid until the running callback has settled.
void writeChunk(WriteQueue& out, Bytes data);

/// Ends a chunked body.
void writeLastChunk(WriteQueue& out, const FieldList& trailers);

}  // namespace outrigger::http::h1
