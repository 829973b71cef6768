// A caller in the simulated network: sends octets, reads answers. Knows nothing that a caller could not know.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proxy/http/h1/client_codec.h"
#include "tests/support/script.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {

class Client final : private TransportSink, private http::h1::ClientEvents {
 public:
  Client(Loop& loop, std::unique_ptr<MemoryTransport> transport);

  /// Sends octets as they are.
  void send(const std::string& octets) { transport_->write(octets); }
  /// Says that the next answer belongs to a request with this method (for HEAD), then sends it.
  void request(const std::string& method, const std::string& octets);
  /// The requests from here on ask for this protocol; what the caller gets behind a 101 is the body of that answer.
  void upgradeTo(const std::string& protocol) { upgrade_ = protocol; }
  /// A whole request.
  void ask(const std::string& method, const std::string& host, const std::string& target = "/",
           const test::Headers& headers = {}, const std::string& body = "") {
    request(method, test::encodeRequest(method, host, target, headers, body));
  }
  void finish() { transport_->shutdown(); }
  void leave() { transport_->close(Transport::CloseMode::Normal); }
  void reset() { transport_->close(Transport::CloseMode::Reset); }
  /// Stops and restarts reading.
  void stall() { transport_->pause(); }
  void goOn() { transport_->resume(); }

  /// Octets that the other side has sent so far.
  const std::string& octets() const { return octets_; }
  /// Complete answers, in order; the last one may be incomplete.
  const std::deque<test::SeenResponse>& responses() const { return responses_; }
  size_t complete() const { return complete_; }
  bool closed() const { return closed_; }
  /// Our octets that the network has not taken, for the other side does not read.
  size_t unsent() const { return transport_->queued(); }
  /// Octets that the other side wants to send and the network has not taken.
  size_t heldBack() const { return transport_->heldBack(); }
  /// Told of each answer that is complete, and of the end of the connection.
  void onNews(std::function<void()> listener) { listener_ = std::move(listener); }

 private:
  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char* why) override;
  void onDrained() override {}
  void onInterim(http::ResponseHead& head) override;
  void onResponseHead(http::ResponseHead& head) override;
  void onBody(Bytes data) override;
  void onResponseEnd(http::FieldList trailers) override;
  void expectNext();
  size_t nextPiece() const;
  void end();
  test::SeenResponse& current();

  std::unique_ptr<MemoryTransport> transport_;
  http::h1::HeadScratch scratch_;
  http::h1::ClientCodec codec_;
  std::deque<http::Method> asked_;
  std::string upgrade_;
  std::string input_;
  size_t read_ = 0;                   // octets of input_ that the codec has had
  std::optional<uint64_t> bodyLeft_;  // of the answer under way, where its length is known
  bool bodyEndsAtClose_ = false;
  std::function<void()> listener_;
  std::string octets_;
  std::deque<test::SeenResponse> responses_;
  size_t complete_ = 0;
  bool closed_ = false;
};

}  // namespace outrigger::sim
