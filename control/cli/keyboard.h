// Single keys from the terminal, without Return and without an echo. The terminal is as it was once the object has
// died. One thread.
#pragma once

#include <termios.h>

#include <optional>

namespace outrigger::control::cli {

class Keyboard {
 public:
  /// Takes over standard input where that is a terminal, in whose foreground we are; else there are never any keys.
  Keyboard();
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  bool present() const { return before_.has_value(); }
  /// The next key that was pressed; nullopt: there is none. Does not wait.
  std::optional<char> key();

 private:
  std::optional<termios> before_;
};

}  // namespace outrigger::control::cli
