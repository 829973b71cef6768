// Writes HTML tables with everything escaped: whoever fills them cannot bring in markup. Pure.
#pragma once

#include <string>
#include <vector>

#include "proxy/base/bytes.h"

namespace outrigger::control::admin {

/// & < > " ' as references; octets below a space, but for line ends and tabs, as U+FFFD. Anything else as it is: text
/// that is not UTF-8 has to be made so before.
std::string htmlEscaped(Bytes text);

class HtmlTable {
 public:
  /// Appends to `out`, which outlives the table. The first column of each row is its heading.
  HtmlTable(std::string& out, Bytes caption, const std::vector<Bytes>& columns);
  ~HtmlTable();
  HtmlTable(const HtmlTable&) = delete;
  HtmlTable& operator=(const HtmlTable&) = delete;

  void row(const std::vector<std::string>& cells);

 private:
  std::string& out_;
};

}  // namespace outrigger::control::admin
