// Writes lines to stdout and stderr from a thread of its own, so that a blocked pipe freezes nobody. What does not fit
// into the queue is dropped and counted. write() may be called from any thread and never blocks on output.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "proxy/base/bytes.h"

namespace outrigger::control {

class LogWriter {
 public:
  enum class Stream : uint8_t { Out, Error };
  static constexpr size_t kMostQueued = 1024 * 1024;  ///< octets for each stream

  LogWriter();
  /// Writes what is queued, for at most a second.
  ~LogWriter();

  /// Appends one line, with its line end.
  void write(Stream stream, Bytes line);

  /// Lines that were dropped because the reader was too slow.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::array<std::string, 2> queues_;
  bool ending_ = false;
  std::atomic<uint64_t> dropped_{0};
  std::thread thread_;
};

}  // namespace outrigger::control
