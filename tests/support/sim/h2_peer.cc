#include "tests/support/sim/h2_peer.h"

#include <algorithm>

namespace outrigger::sim {

namespace h2 = testing::h2;

class H2Peer::Connection final : private TransportSink {
 public:
  Connection(H2Peer& peer, std::unique_ptr<MemoryTransport> transport) : peer_(peer), transport_(std::move(transport)) {
    nghttp2_hd_inflate_new(&inflater_);
    transport_->attach(*this);
    if (peer.onlyWord_.empty()) transport_->write(peer.greeting_);
  }
  ~Connection() { nghttp2_hd_inflate_del(inflater_); }

  void send(const std::string& octets) {
    if (open_) transport_->write(octets);
  }
  void end(Transport::CloseMode mode) {
    if (!std::exchange(open_, false)) return;
    mode == Transport::CloseMode::Reset ? transport_->close(mode) : transport_->shutdown();
  }
  bool open() const { return open_; }

 private:
  void onBytes(Bytes data) override {
    if (!open_) return;
    if (!peer_.onlyWord_.empty()) {
      if (std::exchange(spoken_, true)) return;
      send(peer_.onlyWord_);
      if (peer_.closes_) end(Transport::CloseMode::Normal);
      return;
    }
    input_ += data;
    if (!prefaceSeen_) {
      if (input_.size() < http::h2::kPrefaceSize) return;
      prefaceSeen_ = true;
      input_.erase(0, http::h2::kPrefaceSize);
    }
    for (const h2::Read& frame : h2::takeFrames(input_)) read(frame);
  }
  void onEnd() override { leave(); }
  void onLost(const char*) override { leave(); }
  void onDrained() override {}
  void leave() {
    open_ = false;
    transport_->close(Transport::CloseMode::Normal);
  }

  void read(const h2::Read& frame) {
    peer_.frames_.push_back(frame);
    const bool ends = (frame.flags & h2::kEndStream) != 0;
    switch (frame.type) {
      case h2::kSettings:
        if ((frame.flags & h2::kAck) == 0) send(h2::frame(h2::kSettings, h2::kAck, 0, ""));
        break;
      case h2::kPing:
        if ((frame.flags & h2::kAck) == 0 && peer_.answersPings_)
          send(h2::frame(h2::kPing, h2::kAck, 0, frame.payload));
        break;
      case h2::kHeaders:
      case h2::kContinuation: readHead(frame); break;
      case h2::kData: readData(frame, ends); break;
      case h2::kRstStream:
        if (Request* request = find(frame.stream)) request->cancelled = true;
        break;
      default: break;
    }
  }

  void readHead(const h2::Read& frame) {
    block_ += frame.payload;
    if (frame.type == h2::kHeaders) ends_ = (frame.flags & h2::kEndStream) != 0;
    if ((frame.flags & h2::kEndHeaders) == 0) return;
    Request* known = find(frame.stream);
    if (known == nullptr) {
      peer_.requests_.push_back(std::make_unique<Request>(Request{.connection = this, .stream = frame.stream}));
      Request& request = *peer_.requests_.back();
      request.headers = inflate();
      if (peer_.early_) answer(request);
      if (ends_) complete(request);
    } else {
      known->trailers = inflate();
      if (ends_) complete(*known);
    }
  }

  test::Headers inflate() {
    test::Headers headers;
    const std::string block = std::exchange(block_, {});
    const auto* at = reinterpret_cast<const uint8_t*>(block.data());
    size_t left = block.size();
    while (true) {
      nghttp2_nv nv;
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &nv, &flags, at, left, 1);
      if (used < 0) break;
      at += used;
      left -= static_cast<size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        headers.emplace_back(std::string(reinterpret_cast<char*>(nv.name), nv.namelen),
                             std::string(reinterpret_cast<char*>(nv.value), nv.valuelen));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return headers;
  }

  void readData(const h2::Read& frame, bool ends) {
    Request* request = find(frame.stream);
    if (request == nullptr) return;
    request->body += frame.payload;
    if (peer_.givesWindows_ && !frame.payload.empty()) {
      const auto size = static_cast<uint32_t>(frame.payload.size());
      send(h2::windowUpdate(0, size) + h2::windowUpdate(frame.stream, size));
    }
    if (ends) complete(*request);
  }

  void complete(Request& request) {
    request.complete = true;
    if (!peer_.early_) answer(request);
  }
  void answer(Request& request) {
    if (peer_.answer_) return peer_.answer_(request);
    send(reply(request.stream, 200));
  }

  Request* find(uint32_t stream) {
    const auto at = std::ranges::find_if(
        peer_.requests_, [&](const auto& each) { return each->connection == this && each->stream == stream; });
    return at == peer_.requests_.end() ? nullptr : at->get();
  }

  H2Peer& peer_;
  std::unique_ptr<MemoryTransport> transport_;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::string input_;
  std::string block_;
  bool ends_ = false;
  bool prefaceSeen_ = false;
  bool spoken_ = false;
  bool open_ = true;
};

std::string H2Peer::Request::header(const std::string& name) const {
  const auto at = std::ranges::find(headers, name, [](const auto& each) { return each.first; });
  return at == headers.end() ? "" : at->second;
}

H2Peer::H2Peer(Network& network, const Address& address) : network_(network), address_(address) {
  listens(true);
}

H2Peer::~H2Peer() {
  network_.close(address_);
}

H2Peer& H2Peer::answers(Answer answer, bool early) {
  answer_ = std::move(answer);
  early_ = early;
  return *this;
}

H2Peer& H2Peer::greets(std::string octets) {
  greeting_ = std::move(octets);
  return *this;
}

H2Peer& H2Peer::saysOnly(std::string octets, bool closes) {
  onlyWord_ = std::move(octets);
  closes_ = closes;
  return *this;
}

H2Peer& H2Peer::keepsWindows() {
  givesWindows_ = false;
  return *this;
}

std::string H2Peer::reply(uint32_t stream, int status, const std::string& body, h2::Lines headers) {
  headers.insert(headers.begin(), {":status", std::to_string(status)});
  std::string octets = h2::headers(stream, headers, body.empty());
  if (!body.empty()) octets += h2::data(stream, body);
  return octets;
}

void H2Peer::send(Request& request, const std::string& octets) {
  request.connection->send(octets);
}

void H2Peer::end(Request& request, Transport::CloseMode mode) {
  request.connection->end(mode);
}

void H2Peer::send(size_t connection, const std::string& octets) {
  connections_.at(connection)->send(octets);
}

void H2Peer::endAll(Transport::CloseMode mode) {
  for (auto& connection : connections_) connection->end(mode);
}

void H2Peer::listens(bool wanted) {
  if (!wanted) return network_.close(address_);
  network_.listen(address_, [this](std::unique_ptr<MemoryTransport> transport) { accept(std::move(transport)); });
}

size_t H2Peer::connectionsOpen() const {
  return static_cast<size_t>(std::ranges::count_if(connections_, [](const auto& each) { return each->open(); }));
}

size_t H2Peer::framesOf(uint8_t type) const {
  return static_cast<size_t>(std::ranges::count(frames_, type, &h2::Read::type));
}

int64_t H2Peer::goAwayCode() const {
  int64_t code = -1;
  for (const h2::Read& frame : frames_) {
    if (frame.type == h2::kGoAway) code = h2::numberAt(frame.payload, 4, 4);
  }
  return code;
}

void H2Peer::accept(std::unique_ptr<MemoryTransport> transport) {
  ++accepted_;
  connections_.push_back(std::make_unique<Connection>(*this, std::move(transport)));
}

}  // namespace outrigger::sim
