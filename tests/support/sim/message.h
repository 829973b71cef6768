// One HTTP/1.1 message, read as far as a scenario cares. Lean, for it is read a million times in a run, and trusting:
// what stands in it was written by the sidecar, whose output other tests judge. Bodies have a Content-Length or are
// empty. Any thread; a Message borrows the octets that it was found in.
#pragma once

#include <optional>

#include "proxy/base/bytes.h"

namespace outrigger::sim {

/// Counts requests. Replies carry what the request had in it, so that a test sees whose answer it got.
inline constexpr const char* kNumberHeader = "x-number";

struct Message {
  Bytes head;  ///< from the start line to the empty line
  Bytes body;

  size_t size() const { return head.size() + body.size(); }
  Bytes method() const { return head.substr(0, head.find(' ')); }
  int status() const;
  /// The first field of that name (given in lower case); empty if there is none.
  Bytes field(Bytes name) const { return fieldIn(head, name); }

  static Bytes fieldIn(Bytes head, Bytes name);
};

/// The message at the front of `input`; nullopt while it is not whole.
std::optional<Message> firstMessage(Bytes input);

/// A number in decimal digits; `otherwise` if the text is none.
uint64_t numberIn(Bytes text, uint64_t otherwise);

}  // namespace outrigger::sim
