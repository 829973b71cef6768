// For tests of pages: a caller in front of a StreamHandler, without a connection. It sends one request and keeps what
// it is answered.
#pragma once

#include <string>

#include "proxy/base/turn.h"
#include "proxy/http/server_stream.h"

namespace outrigger::testing {

class PageVisitor final : public http::ResponseStream {
 public:
  PageVisitor(Turn& turn, http::StreamHandler& handler) : turn_(turn), handler_(handler) {}

  struct Ask {
    http::Method method = http::Method::Get;
    Bytes target = "/";  ///< path, perhaps with a query
    Bytes host = "127.0.0.1:15100";
    bool actionMark = false;
    Bytes body{};
    bool expectContinue = false;
    Bytes accept{};  ///< none: no such field
    Bytes acceptEncoding{};
  };

  /// Sends a whole request, and lets the turn end.
  PageVisitor& ask(const Ask& what) {
    begin(what, http::BodyFraming::ofLength(what.body.size()));
    if (!what.body.empty()) send(what.body);
    end();
    return *this;
  }
  PageVisitor& get(Bytes target) { return ask({.target = target}); }

  /// The pieces of it.
  void begin(const Ask& what, http::BodyFraming framing) {
    http::Field storage[8];
    http::RequestHead head;
    head.method = what.method;
    head.methodText = http::methodName(what.method);
    head.authority = what.host;
    const size_t query = what.target.find('?');
    head.path = what.target.substr(0, query);
    head.query = query == Bytes::npos ? Bytes() : what.target.substr(query);
    head.fields = http::FieldList(storage);
    if (what.actionMark) head.fields.add(http::Header::OutriggerAdmin, "1");
    if (!what.accept.empty()) head.fields.add(Bytes("accept"), what.accept);
    if (!what.acceptEncoding.empty()) head.fields.add(Bytes("accept-encoding"), what.acceptEncoding);
    head.body = framing;
    head.expectContinue = what.expectContinue;
    http::RequestSink& sink = handler_.onRequest(head, *this);
    if (!ended) sink_ = &sink;
    settle();
  }
  void send(Bytes data) {
    if (sink_ != nullptr) sink_->onRequestBody(data);
    settle();
  }
  void end() {
    if (sink_ != nullptr) sink_->onRequestEnd({});
    settle();
  }
  void leave() {
    if (http::RequestSink* sink = std::exchange(sink_, nullptr)) {
      sink->onRequestLost(downstreamError(Reason::ClientClosed, "left"), false);
    }
    settle();
  }
  void breakProtocol() {
    if (sink_ != nullptr) sink_->onRequestLost(downstreamError(Reason::Malformed, "bad chunk"), true);
    settle();
  }
  void drain() {
    waiting = 0;
    if (sink_ != nullptr) sink_->onResponseDrained();
    settle();
  }
  void settle() {
    turn_.settle();
    turn_.endTurn();
  }

  std::string field(Bytes name) const {
    const size_t at = fields.find("\n" + std::string(name) + ": ");
    if (at == std::string::npos) return "";
    const size_t value = at + 1 + name.size() + 2;
    return fields.substr(value, fields.find('\n', value) - value);
  }

  int status = 0;
  std::string fields = "\n";  ///< "name: value" lines
  uint64_t length = 0;        ///< as announced
  bool headOnly = false;
  std::string body;
  std::string interims;
  bool ended = false;
  bool aborted = false;
  size_t waiting = 0;          ///< what pending() says beside what was sent since the last settle
  bool readerIsStuck = false;  ///< what is sent stays pending
  size_t mostPending = 0;

 private:
  void sendInterim(const http::ResponseHead& head) override { interims += std::to_string(head.status) + " "; }
  void sendHead(const http::ResponseHead& head) override {
    status = head.status;
    length = head.body.length;
    headOnly = head.headOnly;
    for (const http::Field& field : head.fields) {
      fields.append(field.name).append(": ").append(field.value).append("\n");
    }
  }
  void sendBody(Bytes data) override {
    body += data;
    if (readerIsStuck) waiting += data.size();
    mostPending = std::max(mostPending, waiting);
  }
  void sendEnd(const http::FieldList&) override {
    ended = true;
    sink_ = nullptr;
  }
  void abort() override {
    aborted = true;
    sink_ = nullptr;
  }
  size_t pending() const override { return waiting; }
  void pauseRequest() override {}
  void resumeRequest() override {}
  void closeAfterAnswer() override {}
  const PeerInfo& peer() const override { return peer_; }
  Instant begunAt() const override { return turn_.now; }

  Turn& turn_;
  http::StreamHandler& handler_;
  http::RequestSink* sink_ = nullptr;
  PeerInfo peer_;
};

}  // namespace outrigger::testing
