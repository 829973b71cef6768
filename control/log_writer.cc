#include "control/log_writer.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "proxy/net/event_loop.h"

namespace outrigger::control {
namespace {

constexpr Duration kPatienceAtEnd = 1s;

bool takesOctets(int fd) {
  pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&ready, 1, 0) > 0;
}

// Writes at most what a pipe takes without blocking once it takes anything. Returns how much of `text` is done with:
// all of it when nobody reads any more.
size_t writePiece(int fd, Bytes text) {
  // Asked anew before each piece: stdout and stderr may be the same pipe.
  if (text.empty() || !takesOctets(fd)) return 0;
  const ssize_t written = ::write(fd, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
  if (written >= 0) return static_cast<size_t>(written);
  return errno == EINTR || errno == EAGAIN ? 0 : text.size();
}

}  // namespace

LogWriter::LogWriter(Descriptors descriptors)
    : descriptors_(descriptors), news_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake();
  thread_.join();
}

void LogWriter::write(Stream stream, Bytes line) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    std::string& queue = queues_[static_cast<size_t>(stream)];
    if (queue.size() + line.size() > kMostQueued) {
      dropped_[static_cast<size_t>(stream)].fetch_add(1, std::memory_order_relaxed);
      return;
    }
    first = queue.empty();
    queue.append(line);
  }
  if (first) wake();
}

void LogWriter::wake() const {
  ::eventfd_write(news_.get(), 1);
}

void LogWriter::run() {
  Batches batches;
  Instant giveUpAt = kNever;
  while (true) {
    if (take(batches) && giveUpAt == kNever) giveUpAt = after(net::monotonicNow(), kPatienceAtEnd);
    if (giveUpAt != kNever) {
      const bool done = std::ranges::all_of(batches, [](const Batch& batch) { return batch.empty(); });
      if (done || net::monotonicNow() >= giveUpAt) return;
    }
    awaitNews(batches, giveUpAt);
    for (size_t i = 0; i < kStreams; ++i) {
      batches[i].written += writePiece(descriptors_[i], Bytes(batches[i].text).substr(batches[i].written));
    }
  }
}

// Refills the batches that have been written; true: the end has come.
bool LogWriter::take(Batches& batches) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < kStreams; ++i) {
    if (!batches[i].empty()) continue;
    batches[i].text.clear();
    batches[i].written = 0;
    batches[i].text.swap(queues_[i]);
  }
  return ending_;
}

// Until a stream takes some of its batch, or somebody wakes us.
void LogWriter::awaitNews(const Batches& batches, Instant until) const {
  std::array<pollfd, kStreams + 1> watched{};
  for (size_t i = 0; i < kStreams; ++i) {
    watched[i] = {.fd = batches[i].empty() ? -1 : descriptors_[i], .events = POLLOUT, .revents = 0};
  }
  watched.back() = {.fd = news_.get(), .events = POLLIN, .revents = 0};
  int patience = -1;
  if (until != kNever) {
    patience = static_cast<int>(wholeMilliseconds(std::max(Duration::zero(), until - net::monotonicNow()))) + 1;
  }
  ::poll(watched.data(), watched.size(), patience);
  eventfd_t ignored = 0;
  ::eventfd_read(news_.get(), &ignored);
}

}  // namespace outrigger::control
