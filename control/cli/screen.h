// The terminal's second screen, which is drawn in place and leaves nothing behind. One thread; one at a time.
#pragma once

#include <string>
#include <vector>

#include "control/cli/fitted_table.h"

namespace outrigger::control::cli {

class Screen {
 public:
  struct Size {
    size_t columns;
    size_t lines;
  };

  /// Takes standard output over, which is a terminal: second screen, no cursor, no wrapping at the edge.
  explicit Screen(bool colours);
  /// Gives all of that back.
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// 80 x 24 where the terminal does not say.
  static Size size();
  /// Whether standard output is a terminal, in whose foreground we are.
  static bool present();
  /// Whether it is a terminal still: one that was closed is none.
  static bool isTerminal();

  /// Replaces what is shown. The lines fit (columns.h). False: nobody is there any more.
  bool draw(const std::vector<TonedLine>& lines);

 private:
  static bool write(const std::string& text);

  bool colours_;
};

}  // namespace outrigger::control::cli
