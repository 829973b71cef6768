// One call on its way: a connection, the request, the answer. Owned by its Call, and buried when that goes.
#pragma once

#include "control/outcall/client.h"

namespace outrigger::control::outcall {

class Client::Flight final : private DialSink, private upstream::ResponseSink {
 public:
  Flight(Client& client, Request request, const Times& times, AnswerSink& sink);

  void begin() { begin(true); }
  /// Nobody listens any more.
  void abandon();

 private:
  enum class Stage : uint8_t { Connecting, Asked, Answering, Over };

  void begin(bool mayReuse);
  void dial();
  void ask(upstream::UpstreamConnection& connection);
  bool askAgain();
  void wait(Duration time);
  void failSoon(std::string why);
  void fail(const std::string& what);
  void onTimer();
  Bytes stageText() const;

  void onConnected(std::unique_ptr<Transport> transport) override;
  void onDialFailed(const Error& error) override;

  void onInterim(http::ResponseHead&) override {}
  void onResponseHead(http::ResponseHead& head) override;
  void onResponseBody(Bytes data) override;
  void onResponseEnd(http::FieldList trailers) override;
  void onStreamLost(const Error& error, bool stale) override;
  void onRequestDrained() override {}

  Client& client_;
  const Request request_;
  const Times times_;
  AnswerSink* sink_;  // nullptr: nobody listens
  const std::string authority_;
  std::string bearer_;  // "Bearer ...", as it was sent
  std::string why_;     // it has failed, and that is still to be told
  std::unique_ptr<Dial> dial_;
  upstream::UpstreamStream* stream_ = nullptr;
  Stage stage_ = Stage::Connecting;
  bool sawNewToken_ = false;
  bool startedOver_ = false;
  Timer<Flight, &Flight::onTimer> timer_{*this};
};

}  // namespace outrigger::control::outcall
