// A terminal with a program in its foreground: what it shows, what is typed, how it is left.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/real/socket.h"

namespace outrigger::real {

class Terminal {
 public:
  struct Size {
    unsigned short lines = 24;
    unsigned short columns = 80;
  };

  /// Throws std::runtime_error if the command, found by PATH unless it holds a slash, cannot be started.
  Terminal(const std::vector<std::string>& command, Size size);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(std::string_view keys);
  void signal(int number) const;
  /// Its program is told by SIGWINCH.
  void resize(Size size);
  /// Lines are edited and echoed, as a shell wants to find it.
  bool isCooked() const;

  /// All that was written to it so far.
  const std::string& shown() const { return shown_; }
  /// Waits until that satisfies `enough`; false if it did not by the deadline.
  bool waitFor(const std::function<bool(const std::string& shown)>& enough, Deadline deadline = soon());
  bool waitFor(const std::string& text, Deadline deadline = soon());
  /// Its exit code once it has ended, 128 + N if signal N ended it; -1 if it has not by the deadline.
  int wait(Deadline deadline = soon());

 private:
  void collect(int milliseconds);

  net::FileDescriptor master_;
  net::FileDescriptor slave_;  // kept open, so that its settings stay when the program has ended
  pid_t pid_ = -1;
  int exitCode_ = -1;
  std::string shown_;
};

}  // namespace outrigger::real
