#include "proxy/net/connection.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "proxy/net/signals.h"

namespace outrigger::net {
namespace {

/// Both ends of a TCP connection: ours on a loop, the peer's as a plain blocking socket.
class ConnectionTest : public ::testing::Test, protected TransportSink {
 protected:
  void SetUp() override {
    Signals::ignorePipe();
    const FileDescriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    auto* address = reinterpret_cast<sockaddr*>(&at);
    ASSERT_EQ(::bind(listener.get(), address, size), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    ASSERT_EQ(::getsockname(listener.get(), address, &size), 0);
    FileDescriptor ours(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    ::connect(ours.get(), address, size);
    peer_ = FileDescriptor(::accept(listener.get(), nullptr, nullptr));
    ASSERT_TRUE(peer_);
    transport_ = loop_.adopt(std::move(ours), PeerInfo{Address::loopback(ntohs(at.sin_port))});
    ASSERT_NE(transport_, nullptr);
  }

  void write(Bytes text) {
    const EventLoop::Callback callback(loop_);
    transport_->write(std::span(&text, 1));
  }
  void peerSays(Bytes text) {
    ASSERT_EQ(::send(peer_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  void peerCloses() { peer_ = FileDescriptor(); }
  /// Until the connection has ended or is lost.
  void run() { loop_.run(); }

  void onBytes(Bytes data) override {
    story_ += data;
    if (pausesAtBytes_) transport_->pause();
  }
  void onEnd() override {
    story_ += "<end>";
    loop_.stop();
  }
  void onLost(const char*) override {
    story_ += "<lost>";
    transport_->close(Transport::CloseMode::Normal);
    loop_.stop();
  }
  void onDrained() override { story_ += "<drained>"; }

  EventLoop loop_{1};
  std::unique_ptr<Transport> transport_;
  FileDescriptor peer_;
  std::string story_;
  bool pausesAtBytes_ = false;
};

// The peer answers, closes with some of the request unread, which resets the connection, and we go on writing.
TEST_F(ConnectionTest, WhatCameBeforeAFailedWriteIsStillRead) {
  transport_->attach(*this);
  write("the first part");
  peerSays("no more, please");
  peerCloses();
  write("the second part");
  write("the third part");
  EXPECT_EQ(transport_->queued(), 29U) << "none of that was taken";
  EXPECT_EQ(transport_->probe(), Transport::PeerState::Broken);
  run();
  EXPECT_EQ(story_, "no more, please<lost>");
}

TEST_F(ConnectionTest, AFailedWriteIsToldAtOnceWhileNobodyReads) {
  transport_->attach(*this);
  transport_->pause();
  write("the first part");
  peerSays("no more, please");
  peerCloses();
  write("the second part");
  EXPECT_EQ(story_, "<lost>");
}

TEST_F(ConnectionTest, AFailedWriteIsToldWhenReadingIsPausedBehindIt) {
  pausesAtBytes_ = true;
  transport_->attach(*this);
  write("the first part");
  peerSays("no more, please");
  peerCloses();
  write("the second part");
  run();
  EXPECT_EQ(story_, "no more, please<lost>");
}

TEST_F(ConnectionTest, AFailedWriteBehindThePeersEndIsTold) {
  transport_->attach(*this);
  ASSERT_EQ(::shutdown(peer_.get(), SHUT_WR), 0);
  run();
  EXPECT_EQ(story_, "<end>");
  peerCloses();
  write("the first part");  // is answered by a reset
  write("the second part");
  EXPECT_EQ(story_, "<end><lost>");
}

}  // namespace
}  // namespace outrigger::net
