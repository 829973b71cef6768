// Writes lines to stdout and stderr from a thread of its own, so that a blocked pipe freezes nobody, and one that is
// blocked does not hold the other up. What does not fit into the queue is dropped and counted. write() may be called
// from any thread and never blocks on output.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "proxy/base/bytes.h"
#include "proxy/base/time.h"
#include "proxy/net/file_descriptor.h"

namespace outrigger::control {

class LogWriter {
 public:
  enum class Stream : uint8_t { Out, Error };
  static constexpr size_t kStreams = 2;
  static constexpr size_t kMostQueued = 1024 * 1024;  ///< octets for each stream

  /// Of Out and of Error; they stay open as long as the writer.
  using Descriptors = std::array<int, kStreams>;
  explicit LogWriter(Descriptors descriptors = {STDOUT_FILENO, STDERR_FILENO});
  /// Writes what is queued, for at most a second.
  ~LogWriter();

  /// Appends one line, with its line end.
  void write(Stream stream, Bytes line);

  /// Lines that were dropped because the reader was too slow.
  uint64_t dropped(Stream stream) const {
    return dropped_[static_cast<size_t>(stream)].load(std::memory_order_relaxed);
  }
  uint64_t dropped() const { return dropped(Stream::Out) + dropped(Stream::Error); }

 private:
  /// What the thread has taken off a queue.
  struct Batch {
    std::string text;
    size_t written = 0;
    bool empty() const { return written == text.size(); }
  };
  using Batches = std::array<Batch, kStreams>;

  void run();
  bool take(Batches& batches);
  void awaitNews(const Batches& batches, Instant until) const;
  void wake() const;

  const Descriptors descriptors_;
  net::FileDescriptor news_;  // an eventfd: a queue is not empty any more, or the end has come
  std::mutex mutex_;
  std::array<std::string, kStreams> queues_;
  bool ending_ = false;
  std::array<std::atomic<uint64_t>, kStreams> dropped_{};
  std::thread thread_;
};

}  // namespace outrigger::control
