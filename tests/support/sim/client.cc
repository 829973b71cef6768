#include "tests/support/sim/client.h"

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
  while (!input_.empty()) {
    if (codec_.idle()) expectNext();
    const std::string input = input_;
    // One answer at a time: the codec takes octets behind an answer for an error, a pipelining client knows better.
    size_t used = 0;
    for (size_t size = 1; size <= input.size() && used == 0; ++size) {
      const auto step = codec_.feed(Bytes(input).substr(0, size));
      if (!step) {
        current().error = step.error().detail;
        input_.clear();
        return;
      }
      used = *step;
    }
    if (used == 0) return;
    input_.erase(0, used);
  }
}

void Client::expectNext() {
  const http::Method method = asked_.empty() ? http::Method::Get : asked_.front();
  if (!asked_.empty()) asked_.pop_front();
  codec_.expect(method);
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
}

void Client::onBody(Bytes data) {
  current().body += data;
}

void Client::onResponseEnd(http::FieldList trailers) {
  test::SeenResponse& response = current();
  for (const http::Field& field : trailers) response.trailers.emplace_back(field.name, field.value);
  response.complete = true;
  ++complete_;
}

void Client::onEnd() {
  closed_ = true;
  if (!codec_.finishAtClose() && !codec_.idle()) current().error = "closed";
}

void Client::onLost(const char* why) {
  closed_ = true;
  if (!codec_.idle()) current().error = why;
}

}  // namespace outrigger::sim
