#include "control/cli/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "control/write_all.h"

namespace outrigger::control::cli {
namespace {

using Tone = TonedLine::Tone;

constexpr const char* kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr const char* kLeave = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

const char* codeOf(Tone tone, bool colours) {
  switch (tone) {
    case Tone::Plain: return "";
    case Tone::Title: return "\x1b[1m";
    case Tone::Bad: return colours ? "\x1b[31m" : "\x1b[1m";
    case Tone::Faint: return "\x1b[2m";
  }
  return "";
}

}  // namespace

Screen::Screen(bool colours) : colours_(colours) {
  write(kEnter);
}

Screen::~Screen() {
  write(kLeave);
}

Screen::Size Screen::size() {
  winsize told{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) != 0 || told.ws_col == 0 || told.ws_row == 0) return {80, 24};
  return {told.ws_col, told.ws_row};
}

// Where the terminal is not the one that controls us, nobody can say who is in its foreground.
bool Screen::present() {
  if (!isTerminal()) return false;
  const pid_t foreground = ::tcgetpgrp(STDOUT_FILENO);
  return foreground < 0 || foreground == ::getpgrp();
}

bool Screen::isTerminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool Screen::draw(const std::vector<TonedLine>& lines) {
  std::string text = "\x1b[H";
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += "\r\n";
    text += codeOf(lines[i].tone, colours_);
    text += lines[i].text + "\x1b[0m\x1b[K";
  }
  return write(text + "\x1b[J");
}

bool Screen::write(const std::string& text) {
  return writeAll(STDOUT_FILENO, text);
}

}  // namespace outrigger::control::cli
