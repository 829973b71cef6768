// A caller over a real socket: sends octets, reads answers, waits with a deadline. One thread.
#pragma once

#include <string>

#include "proxy/http/h1/client_codec.h"
#include "tests/support/real/socket.h"
#include "tests/support/script.h"

namespace outrigger::real {

class Client final : private http::h1::ClientEvents {
 public:
  /// Throws if nobody listens there.
  explicit Client(const Address& address) : socket_(Socket::connectTo(address)), codec_(scratch_, *this) {}

  bool send(std::string_view octets) { return socket_.send(octets); }
  /// The next answer, read to its end; `asked` is the method that it answers.
  test::SeenResponse read(const std::string& asked = "GET", Deadline deadline = soon());
  test::SeenResponse request(const std::string& method, const std::string& host, const std::string& target,
                             const test::Headers& headers = {}, const std::string& body = "");
  test::SeenResponse get(const std::string& host, const std::string& target) { return request("GET", host, target); }

  /// The last answer leaves the connection open, for all that we know.
  bool usable() const { return usable_; }
  /// Waits until the other side has ended or reset the connection, and says whether it did. Octets before that count.
  bool closedByPeer(Deadline deadline = soon());
  Socket& socket() { return socket_; }

 private:
  void onInterim(http::ResponseHead& head) override { response_.interims.push_back(head.status); }
  void onResponseHead(http::ResponseHead& head) override;
  void onBody(Bytes data) override { response_.body += data; }
  void onResponseEnd(http::FieldList trailers) override;
  bool take(Received received);

  Socket socket_;
  http::h1::HeadScratch scratch_;
  http::h1::ClientCodec codec_;
  std::string input_;
  test::SeenResponse response_;
  bool usable_ = true;
};

}  // namespace outrigger::real
