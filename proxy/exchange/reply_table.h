// The one table that says what each reason means to the outside: its word, the status of a local reply, the sentence of
// its body, and whether an access record at `access: errors` shows it. Complete against CONTRACT §5 by test.
#pragma once

#include <cstdint>
#include <optional>

#include "proxy/base/bytes.h"
#include "proxy/base/reason.h"

namespace outrigger::exchange {

struct ReplyRow {
  Bytes word;       ///< in header, record, metric, page
  uint16_t status;  ///< of a local reply; 0: as configured, or the upstream's own
  Bytes sentence;   ///< without a full stop
  bool isError;     ///< somebody should look at it
};

const ReplyRow& replyRow(Reason reason);

/// The reason of that word.
std::optional<Reason> reasonOf(Bytes word);

}  // namespace outrigger::exchange
