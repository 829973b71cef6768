#include "control/log_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <future>
#include <optional>

namespace outrigger::control {
namespace {

constexpr std::chrono::seconds kPatience{60};

class Pipe {
 public:
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    read_ = net::FileDescriptor(ends[0]);
    write_ = net::FileDescriptor(ends[1]);
  }
  int fd() const { return write_.get(); }
  void stopReading() { read_ = net::FileDescriptor(); }

  /// Waits for something to read; empty: nothing came.
  std::string some() const {
    pollfd watched{.fd = read_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, std::chrono::milliseconds(kPatience).count()) <= 0) return "";
    std::string text(64 * 1024, '\0');
    const ssize_t size = ::read(read_.get(), text.data(), text.size());
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return text;
  }
  std::string atLeast(size_t octets) const {
    std::string text;
    while (text.size() < octets) {
      const std::string more = some();
      if (more.empty()) break;
      text += more;
    }
    return text;
  }

 private:
  net::FileDescriptor read_;
  net::FileDescriptor write_;
};

class LogWriting : public ::testing::Test {
 protected:
  LogWriting() { std::signal(SIGPIPE, SIG_IGN); }

  /// More than a pipe holds.
  void fillUp(LogWriter::Stream stream) {
    for (int i = 0; i < 200; ++i) writer_->write(stream, std::string(1023, 'x') + "\n");
  }
  /// False if the writer did not end; then its pipes lose their readers, so that it does.
  bool ends() {
    auto ended = std::async(std::launch::async, [this] { writer_.reset(); });
    if (ended.wait_for(kPatience) == std::future_status::ready) return true;
    out_.stopReading();
    error_.stopReading();
    return false;
  }

  Pipe out_;
  Pipe error_;
  std::optional<LogWriter> writer_{std::in_place, LogWriter::Descriptors{out_.fd(), error_.fd()}};
};

TEST_F(LogWriting, AStreamThatNobodyReadsDoesNotHoldTheOtherUp) {
  fillUp(LogWriter::Stream::Out);
  writer_->write(LogWriter::Stream::Error, "one\n");
  EXPECT_EQ(error_.some(), "one\n");
  writer_->write(LogWriter::Stream::Error, "two\n");
  EXPECT_EQ(error_.some(), "two\n");
  out_.stopReading();
}

TEST_F(LogWriting, AReaderThatComesLateGetsAll) {
  fillUp(LogWriter::Stream::Out);
  EXPECT_EQ(out_.atLeast(200 * 1024).size(), 200U * 1024);
  EXPECT_EQ(writer_->dropped(), 0U);
}

TEST_F(LogWriting, WhatIsQueuedIsWrittenAtTheEnd) {
  for (int i = 0; i < 1000; ++i) writer_->write(LogWriter::Stream::Out, "line\n");
  writer_->write(LogWriter::Stream::Error, "last words\n");
  ASSERT_TRUE(ends());
  EXPECT_EQ(out_.atLeast(5000).size(), 5000U);
  EXPECT_EQ(error_.some(), "last words\n");
}

TEST_F(LogWriting, EndsWhenNobodyReads) {
  fillUp(LogWriter::Stream::Out);
  fillUp(LogWriter::Stream::Error);
  EXPECT_TRUE(ends());
}

// `2>&1`: what one stream leaves free, the other may take.
TEST_F(LogWriting, EndsWhenBothStreamsAreOnePipeThatNobodyReads) {
  writer_.emplace(LogWriter::Descriptors{out_.fd(), out_.fd()});
  fillUp(LogWriter::Stream::Out);
  fillUp(LogWriter::Stream::Error);
  EXPECT_TRUE(ends());
}

TEST_F(LogWriting, AReaderThatHasGoneCostsOnlyItsStream) {
  out_.stopReading();
  fillUp(LogWriter::Stream::Out);
  writer_->write(LogWriter::Stream::Error, "still here\n");
  EXPECT_EQ(error_.some(), "still here\n");
}

TEST_F(LogWriting, WhatDoesNotFitIsDroppedAndCounted) {
  const std::string line(64 * 1024, 'x');
  for (int i = 0; i < 64; ++i) writer_->write(LogWriter::Stream::Out, line);
  EXPECT_GT(writer_->dropped(), 0U);
  out_.stopReading();
}

}  // namespace
}  // namespace outrigger::control
