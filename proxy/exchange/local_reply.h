// Turns a LocalReply into an answer: status and sentence from the reply table, `outrigger-reason`, a short text body;
// and makes the replies of routes that answer by themselves. Texts live in the exchange's arena.
#pragma once

#include "proxy/base/arena.h"
#include "proxy/exchange/filter.h"
#include "proxy/exchange/snapshot.h"

namespace outrigger::exchange {

/// A complete answer, ready to be sent. To a HEAD request the body is announced but not sent.
struct LocalAnswer {
  http::ResponseHead head;
  Bytes body;
};
LocalAnswer makeLocalAnswer(const LocalReply& reply, bool toHead, WallTime wall, Arena& arena);

LocalReply redirectReply(const Redirect& redirect, const http::RequestHead& request, Arena& arena);
LocalReply respondReply(const Respond& respond, Arena& arena);

}  // namespace outrigger::exchange
