#include "control/cli/keyboard.h"

#include <poll.h>
#include <unistd.h>

namespace outrigger::control::cli {

Keyboard::Keyboard() {
  termios settings{};
  if (::tcgetpgrp(STDIN_FILENO) != ::getpgrp() || ::tcgetattr(STDIN_FILENO, &settings) != 0) return;
  termios keys = settings;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // Ctrl-C stays a signal
  keys.c_cc[VMIN] = 0;
  keys.c_cc[VTIME] = 0;
  if (::tcsetattr(STDIN_FILENO, TCSANOW, &keys) == 0) before_ = settings;
}

Keyboard::~Keyboard() {
  if (before_) ::tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

std::optional<char> Keyboard::key() {
  pollfd ready{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  char key = 0;
  if (!before_ || ::poll(&ready, 1, 0) <= 0 || ::read(STDIN_FILENO, &key, 1) != 1) return std::nullopt;
  return key;
}

}  // namespace outrigger::control::cli
