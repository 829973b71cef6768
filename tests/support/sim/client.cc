#include "tests/support/sim/client.h"

#include <algorithm>

namespace outrigger::sim {

Client::Client(Loop&, std::unique_ptr<MemoryTransport> transport)
    : transport_(std::move(transport)), codec_(scratch_, *this) {
  transport_->attach(*this);
}

void Client::request(const std::string& method, const std::string& octets) {
  asked_.push_back(http::methodOf(method));
  send(octets);
}

void Client::onBytes(Bytes data) {
  octets_ += data;
  input_ += data;
  const size_t before = complete_;
  while (read_ < input_.size()) {
    if (codec_.idle()) expectNext();
    // One answer at a time: the codec takes octets behind an answer for an error, a pipelining client knows better.
    size_t used = 0;
    for (size_t size = nextPiece(); size > 0 && used == 0 && read_ + size <= input_.size(); ++size) {
      const auto step = codec_.feed(Bytes(input_).substr(read_, size));
      if (!step) {
        current().error = step.error().detail;
        input_.clear();
        read_ = 0;
        return;
      }
      used = *step;
    }
    if (used == 0) break;
    read_ += used;
  }
  input_.erase(0, read_);
  read_ = 0;
  if (complete_ > before && listener_) listener_();
}

// As much as can belong to the present answer; 0: its head is not complete yet.
size_t Client::nextPiece() const {
  const size_t here = input_.size() - read_;
  if (codec_.headSeen()) {
    if (bodyEndsAtClose_) return here;
    return bodyLeft_ ? std::min<size_t>(*bodyLeft_, here) : 1;
  }
  const size_t end = input_.find("\r\n\r\n", read_);
  return end == std::string::npos ? 0 : end + 4 - read_;
}

void Client::expectNext() {
  const http::Method method = asked_.empty() ? http::Method::Get : asked_.front();
  if (!asked_.empty()) asked_.pop_front();
  codec_.expect(method, upgrade_);
}

test::SeenResponse& Client::current() {
  if (responses_.size() == complete_) responses_.emplace_back();
  return responses_.back();
}

void Client::onInterim(http::ResponseHead& head) {
  current().interims.push_back(head.status);
}

void Client::onResponseHead(http::ResponseHead& head) {
  test::SeenResponse& response = current();
  response.status = head.status;
  for (const http::Field& field : head.fields) response.headers.emplace_back(field.name, field.value);
  bodyEndsAtClose_ = head.body.kind == http::BodyFraming::Kind::UntilClose;
  bodyLeft_.reset();
  if (head.body.kind == http::BodyFraming::Kind::Length) bodyLeft_ = head.body.length;
}

void Client::onBody(Bytes data) {
  current().body += data;
  if (bodyLeft_) *bodyLeft_ -= data.size();
}

void Client::onResponseEnd(http::FieldList trailers) {
  test::SeenResponse& response = current();
  for (const http::Field& field : trailers) response.trailers.emplace_back(field.name, field.value);
  response.complete = true;
  ++complete_;
}

void Client::onEnd() {
  if (!codec_.finishAtClose() && !codec_.idle()) current().error = "closed";
  end();
}

void Client::onLost(const char* why) {
  if (!codec_.idle()) current().error = why;
  end();
}

// Requests that nobody will answer any more are news as well.
void Client::end() {
  closed_ = true;
  if (listener_) listener_();
}

}  // namespace outrigger::sim
