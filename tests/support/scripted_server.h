// For tests of calls that we make: an HTTP server whose answers a test gives piece by piece, in full, broken, late or
// never. Over the data plane's own codecs, so that it serves in the simulator as well as over sockets. One thread.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "proxy/http/server_stream.h"
#include "proxy/server/connection_set.h"

namespace outrigger::testing {

class ScriptedServer final : public http::StreamHandler {
 public:
  /// One request, and the way to answer it.
  class Asked final : public http::RequestSink {
   public:
    std::string method;
    std::string target;  ///< path and query
    std::string host;
    std::string authorization;
    std::string body;
    std::string retryAfter;  ///< of the answer, if the test wants one
    bool left = false;       ///< the caller has gone before the answer was complete

    /// An answer that is not over yet.
    bool open() const { return begun_ && !over_ && !left; }
    bool answered() const { return begun_; }

    void begin(uint16_t status = 200, http::BodyFraming framing = http::BodyFraming::chunked()) {
      if (begun_ || left) return;
      begun_ = true;
      std::array<http::Field, 4> storage;
      http::ResponseHead head;
      head.status = status;
      head.body = framing;
      head.fields = http::FieldList(storage);
      head.fields.add(http::Header::ContentType, "application/json");
      if (!retryAfter.empty()) head.fields.add(http::Header::RetryAfter, retryAfter);
      stream_.sendHead(head);
      server_.poke();
    }
    void send(std::string text) {
      if (!open()) return;
      sent_.push_back(std::move(text));
      stream_.sendBody(sent_.back());
      server_.poke();
    }
    void end() {
      if (!open()) return;
      over_ = true;
      stream_.sendEnd({});
      server_.poke();
    }
    /// Cuts the connection.
    void abort() {
      if (over_ || left) return;
      over_ = begun_ = true;
      stream_.abort();
      server_.poke();
    }
    void reply(uint16_t status, const std::string& text) {
      begin(status, http::BodyFraming::ofLength(text.size()));
      send(text);
      end();
    }

    Asked(ScriptedServer& server, http::RequestHead& head, http::ResponseStream& stream)
        : method(head.methodText),
          target(std::string(head.path) + std::string(head.query)),
          host(head.authority),
          authorization(head.fields.value(http::Header::Authorization)),
          server_(server),
          stream_(stream) {}

   private:
    void onRequestBody(Bytes data) override { body += data; }
    void onRequestEnd(http::FieldList) override { server_.onAsked(*this); }
    void onRequestLost(const Error&, bool) override { left = true; }
    void onResponseDrained() override {}

    ScriptedServer& server_;
    http::ResponseStream& stream_;
    std::deque<std::string> sent_;  // bytes stay valid until they are gathered
    bool begun_ = false;
    bool over_ = false;
  };

  explicit ScriptedServer(Turn& turn) : connections_(turn, scratch_, open_) {}
  ~ScriptedServer() { connections_.closeAll(); }

  /// Hears of each request that is complete.
  std::function<void(Asked&)> onAsked = [](Asked&) {};
  /// Called behind what a test says outside of a callback; lets the turn end.
  std::function<void()> poke = [] {};

  void serve(std::unique_ptr<Transport> transport) {
    ++accepted;
    connections_.serve(std::move(transport), *this);
  }
  /// Closes connections that serve nothing just now.
  void closeIdle() { connections_.closeIdle(); }
  size_t connections() const { return connections_.size(); }
  Asked& last() { return *all.back(); }

  std::vector<std::unique_ptr<Asked>> all;  ///< in the order of arrival
  int accepted = 0;

 private:
  http::RequestSink& onRequest(http::RequestHead& head, http::ResponseStream& stream) override {
    all.push_back(std::make_unique<Asked>(*this, head, stream));
    return *all.back();
  }
  void onBadRequest(const Error&, http::ResponseStream& stream) override { stream.abort(); }

  http::h1::HeadScratch scratch_;
  metrics::Gauge open_;
  server::ConnectionSet connections_;
};

}  // namespace outrigger::testing
