// A caller over HTTP/2 in the simulated network: asks on many streams at once, and sends frames as they are where a
// test wants wrong ones. Knows nothing that a caller could not know.
#pragma once

#include <nghttp2/nghttp2.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/h2_frames.h"
#include "tests/support/script.h"
#include "tests/support/sim/network.h"

namespace outrigger::sim {

class H2Client final : private TransportSink {
 public:
  struct Answer {
    int status = 0;
    std::vector<int> interims;
    test::Headers headers;
    test::Headers trailers;
    std::string body;
    bool complete = false;          ///< the other side has ended its side of the stream
    std::optional<uint32_t> reset;  ///< the code of RST_STREAM

    std::string header(const std::string& name) const;
  };
  struct Windows {
    uint32_t stream = 65535;
    bool returned = true;  ///< windows are given back as content comes
  };

  explicit H2Client(std::unique_ptr<MemoryTransport> transport) : H2Client(std::move(transport), Windows()) {}
  H2Client(std::unique_ptr<MemoryTransport> transport, Windows windows);
  ~H2Client();

  /// A whole request; its stream.
  int32_t ask(const std::string& method, const std::string& authority, const std::string& path = "/",
              const test::Headers& headers = {}, const std::string& body = "");
  /// A request whose content follows.
  int32_t begin(const std::string& method, const std::string& authority, const std::string& path = "/",
                const test::Headers& headers = {});
  void body(int32_t stream, const std::string& octets);
  void end(int32_t stream, const test::Headers& trailers = {});
  void reset(int32_t stream, uint32_t code = NGHTTP2_CANCEL);
  void giveWindow(int32_t stream, int32_t octets);
  void ping();
  /// Octets as they are, beside what the library sends.
  void send(const std::string& octets) { transport_->write(Bytes(octets)); }
  void finish() { transport_->shutdown(); }
  void leave() { transport_->close(Transport::CloseMode::Normal); }
  void stall() { transport_->pause(); }
  void goOn() { transport_->resume(); }

  /// What has come on that stream.
  const Answer& answer(int32_t stream) { return answers_[stream]; }
  size_t complete() const;
  bool closed() const { return closed_; }
  /// GOAWAY frames: last stream, code.
  const std::vector<std::pair<int32_t, uint32_t>>& goAways() const { return goAways_; }
  /// Octets of requests' content that wait for a window.
  size_t unsentBody(int32_t stream) const { return bodies_.at(stream).octets.size(); }

 private:
  struct Callbacks;
  struct Body {
    std::string octets;
    bool ended = false;
    test::Headers trailers;
  };

  void onBytes(Bytes data) override;
  void onEnd() override { closed_ = true; }
  void onLost(const char*) override { closed_ = true; }
  void onDrained() override {}
  int32_t submit(const std::string& method, const std::string& authority, const std::string& path,
                 const test::Headers& headers, bool withBody);
  void flush();

  std::unique_ptr<MemoryTransport> transport_;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, Answer> answers_;
  std::map<int32_t, Body> bodies_;
  std::vector<std::pair<int32_t, uint32_t>> goAways_;
  bool closed_ = false;
};

}  // namespace outrigger::sim
