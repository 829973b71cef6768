#include "control/log_writer.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace outrigger::control {
namespace {

constexpr std::array kDescriptors{STDOUT_FILENO, STDERR_FILENO};
constexpr int kPatienceAtEnd = 1000;  // milliseconds

// Writes all of `text`; while `ending`, gives up on a reader that does not read.
void writeAll(int fd, Bytes text, bool ending) {
  while (!text.empty()) {
    if (ending) {
      pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, kPatienceAtEnd) == 0) return;
    }
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, kPatienceAtEnd);
      continue;
    }
    if (written < 0) return;  // nobody reads any more
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

LogWriter::LogWriter() : thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void LogWriter::write(Stream stream, Bytes line) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    std::string& queue = queues_[static_cast<size_t>(stream)];
    if (queue.size() + line.size() > kMostQueued) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    first = queue.empty();
    queue.append(line);
  }
  if (first) wake_.notify_one();
}

void LogWriter::run() {
  std::array<std::string, 2> batch;
  bool ending = false;
  while (!ending) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !queues_[0].empty() || !queues_[1].empty(); });
      batch[0].swap(queues_[0]);
      batch[1].swap(queues_[1]);
      ending = ending_;
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      writeAll(kDescriptors[i], batch[i], ending);
      batch[i].clear();
    }
  }
}

}  // namespace outrigger::control
