// The lines of a text: from octet offsets to places. LF, CRLF and CR end a line. Borrows the text; any
// thread.
#pragma once

#include <vector>

#include "config/place.h"
#include "proxy/base/bytes.h"

namespace outrigger::config {

class Lines {
 public:
  /// `file`: of the places that are given.
  explicit Lines(Bytes text, uint32_t file = 0);

  /// The line with that number (from 1), without its end; empty if there is none.
  Bytes line(uint32_t number) const;

  /// The place of an octet; offsets beyond the end stand at the end.
  Place place(size_t offset) const;

  uint32_t count() const { return static_cast<uint32_t>(starts_.size()); }

 private:
  Bytes text_;
  uint32_t file_;
  std::vector<size_t> starts_;  // of each line, ascending; never empty
};

}  // namespace outrigger::config
