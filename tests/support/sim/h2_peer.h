// A server in the simulated network that speaks HTTP/2 by hand: it reads frames and header blocks, and writes whatever
// a test says, right or wrong. Without a word from the test it answers 200 "ok" to every request. Owned by the World.
#pragma once

#include <nghttp2/nghttp2.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/h2_frames.h"
#include "tests/support/script.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {

class H2Peer {
 public:
  class Connection;

  struct Request {
    Connection* connection = nullptr;
    uint32_t stream = 0;
    test::Headers headers{};
    std::string body{};
    test::Headers trailers{};
    bool complete = false;
    bool cancelled = false;  ///< by RST_STREAM
    std::string header(const std::string& name) const;
  };
  using Answer = std::function<void(Request& request)>;

  H2Peer(Network& network, const Address& address);
  ~H2Peer();

  const Address& address() const { return address_; }

  /// What is done once a request has come: its head (`early`), or all of it.
  H2Peer& answers(Answer answer, bool early = false);
  /// What is said first on each connection; as a rule, empty SETTINGS.
  H2Peer& greets(std::string octets);
  /// As soon as the first octets of the client have come, this is sent, and nothing of it is read.
  H2Peer& saysOnly(std::string octets, bool closes);
  /// Octets of requests are not given back to the client's windows.
  H2Peer& keepsWindows();
  void answersPings(bool answers) { answersPings_ = answers; }

  /// An answer in frames.
  static std::string reply(uint32_t stream, int status, const std::string& body = "ok",
                           testing::h2::Lines headers = {});
  static void send(Request& request, const std::string& octets);
  /// The connection ends behind what was sent, or by RST.
  static void end(Request& request, Transport::CloseMode mode);

  void send(size_t connection, const std::string& octets);
  void endAll(Transport::CloseMode mode);
  /// New connections are refused, or not any more.
  void listens(bool wanted);

  /// In the order of their first octets.
  const std::vector<std::unique_ptr<Request>>& requests() const { return requests_; }
  size_t hits() const { return requests_.size(); }
  size_t connectionsAccepted() const { return accepted_; }
  size_t connectionsOpen() const;
  /// All frames of clients, in order.
  const std::vector<testing::h2::Read>& frames() const { return frames_; }
  size_t framesOf(uint8_t type) const;
  /// The code of the last GOAWAY that came; -1: none did.
  int64_t goAwayCode() const;

 private:
  void accept(std::unique_ptr<MemoryTransport> transport);

  Network& network_;
  Address address_;
  Answer answer_;
  bool early_ = false;
  bool givesWindows_ = true;
  bool closes_ = false;
  bool answersPings_ = true;
  std::string greeting_ = testing::h2::frame(testing::h2::kSettings, 0, 0, "");
  std::string onlyWord_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Request>> requests_;
  std::vector<testing::h2::Read> frames_;
  size_t accepted_ = 0;
};

}  // namespace outrigger::sim
