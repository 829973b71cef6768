// Understands the header block of a request (RFC 9113 §8.3.1): the neutral head that every version of HTTP has. What
// could be read in two ways, here or once it is written as HTTP/1, is refused. Pure.
#pragma once

#include "proxy/base/result.h"
#include "proxy/http/h2/header_block.h"

namespace outrigger::http::h2 {

/// `complete`: no content follows. The head's views point into `block` and its fields lie in `storage`. A request of
/// extended CONNECT (RFC 8441) becomes the GET that it is in HTTP/1, with `upgrade` set.
Result<RequestHead> understandRequest(HeaderBlock& block, bool complete, const HeadLimits& limits,
                                      std::span<Field> storage);

}  // namespace outrigger::http::h2
