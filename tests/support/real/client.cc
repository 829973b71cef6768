#include "tests/support/real/client.h"

namespace outrigger::real {

test::SeenResponse Client::request(const std::string& method, const std::string& host, const std::string& target,
                                   const test::Headers& headers, const std::string& body) {
  // An answer may come, and the connection end, before all of the request is out.
  socket_.send(test::encodeRequest(method, host, target, headers, body));
  return read(method);
}

test::SeenResponse Client::read(const std::string& asked, Deadline deadline) {
  response_ = {};
  codec_.expect(http::methodOf(asked));
  while (!response_.complete && response_.error.empty() && take(socket_.receive(deadline))) {
  }
  if (!response_.error.empty()) usable_ = false;
  return std::move(response_);
}

// False: nothing more will come.
bool Client::take(Received received) {
  switch (received.kind) {
    case Received::Kind::TimedOut: response_.error = "timed out"; return false;
    case Received::Kind::Lost: response_.error = "reset"; return false;
    case Received::Kind::End:
      if (!codec_.finishAtClose()) response_.error = "closed";
      usable_ = false;
      return false;
    case Received::Kind::Octets: break;
  }
  input_ += received.octets;
  const auto used = codec_.feed(input_);
  if (!used) {
    response_.error = used.error().detail;
    return false;
  }
  input_.erase(0, *used);
  return true;
}

void Client::onResponseHead(http::ResponseHead& head) {
  response_.status = head.status;
  for (const http::Field& field : head.fields) response_.headers.emplace_back(field.name, field.value);
}

void Client::onResponseEnd(http::FieldList trailers) {
  for (const http::Field& field : trailers) response_.trailers.emplace_back(field.name, field.value);
  response_.complete = true;
  usable_ = codec_.reusable();
}

bool Client::closedByPeer(Deadline deadline) {
  while (true) {
    switch (socket_.receive(deadline).kind) {
      case Received::Kind::Octets: continue;
      case Received::Kind::TimedOut: return false;
      case Received::Kind::End:
      case Received::Kind::Lost: return true;
    }
  }
}

}  // namespace outrigger::real
