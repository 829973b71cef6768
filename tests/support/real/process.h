// A child process whose output is collected. It dies with its owner.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/real/socket.h"

namespace outrigger::real {

class Process {
 public:
  /// Found by PATH unless it holds a slash. Throws std::runtime_error if it cannot be started.
  explicit Process(const std::vector<std::string>& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  bool hasEnded() const;
  /// Its exit code once it has ended; 128 + N if signal N ended it. Throws if it has not ended by the deadline.
  int wait(Deadline deadline = soon());

  std::string out() const;
  std::string err() const;
  using Output = std::function<bool(const std::string& out, const std::string& err)>;
  /// Waits until the output satisfies `enough`; false if it did not by the deadline, or the output has ended.
  bool waitForOutput(const Output& enough, Deadline deadline = soon());

 private:
  void collect();

  pid_t pid_ = -1;
  net::FileDescriptor handle_;  // a pidfd: readable once the process has ended
  net::FileDescriptor outPipe_;
  net::FileDescriptor errPipe_;
  bool reaped_ = false;
  int exitCode_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string out_;
  std::string err_;
  bool ended_ = false;
  std::thread collector_;
};

/// Runs a command to its end.
struct Outcome {
  int exitCode = 0;
  std::string out;
  std::string err;
};
Outcome runToEnd(const std::vector<std::string>& command);

}  // namespace outrigger::real
