#include "control/outcall/flight.h"

#include <algorithm>

namespace outrigger::control::outcall {
namespace {

constexpr Bytes kUserAgent = "outrigger/" OUTRIGGER_VERSION;
constexpr Bytes kScheme = "Bearer ";
constexpr uint16_t kUnauthorized = 401;

// Whoever made the target from a name that is none would else write into the request.
bool isWhole(Bytes target) {
  return target.starts_with('/') &&
         std::ranges::none_of(target, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

}  // namespace

Client::Flight::Flight(Client& client, Request request, const Times& times, AnswerSink& sink)
    : client_(client),
      request_(std::move(request)),
      times_(times),
      sink_(&sink),
      authority_(client.peer_.authority()) {}

void Client::Flight::abandon() {
  sink_ = nullptr;
  stage_ = Stage::Over;
  timer_.disarm();
  dial_.reset();
  if (upstream::UpstreamStream* stream = std::exchange(stream_, nullptr)) stream->cancel();
}

void Client::Flight::begin(bool mayReuse) {
  if (!isWhole(request_.target)) return failSoon("the target of this call is no path");
  const auto token = client_.credentials_.token();
  if (!token) return failSoon(token.error());
  bearer_ = token->empty() ? std::string() : std::string(kScheme) + *token;
  stage_ = Stage::Connecting;
  upstream::UpstreamConnection* idle = mayReuse ? client_.takeIdle() : nullptr;
  if (idle != nullptr) return ask(*idle);
  dial();
}

void Client::Flight::dial() {
  auto tls = client_.credentials_.tls(client_.turn_.wall);
  if (!tls) return failSoon(tls.error());
  wait(times_.connect);
  DialSink& self = *this;
  dial_ = client_.dialer_.dial(client_.peer_.address, {.tls = std::move(*tls)}, self);
}

void Client::Flight::onConnected(std::unique_ptr<Transport> transport) {
  client_.turn_.graveyard.bury(std::move(dial_));
  ask(client_.adopt(std::move(transport)));
}

void Client::Flight::onDialFailed(const Error& error) {
  client_.turn_.graveyard.bury(std::move(dial_));
  fail(error.detail);
}

void Client::Flight::ask(upstream::UpstreamConnection& connection) {
  stage_ = Stage::Asked;
  wait(times_.head);
  stream_ = &connection.lease();
  upstream::ResponseSink& self = *this;
  stream_->attach(self);

  std::vector<http::Field> fields{{http::Header::Other, "user-agent", kUserAgent}};
  if (!bearer_.empty()) fields.push_back({http::Header::Authorization, "authorization", bearer_});
  for (const auto& [name, value] : request_.fields) fields.push_back({http::headerOf(name), name, value});
  const Bytes target = request_.target;
  const size_t query = target.find('?');
  http::RequestHead head;
  head.method = request_.method;
  head.methodText = http::methodName(request_.method);
  head.authority = authority_;
  head.path = target.substr(0, query);
  head.query = query == Bytes::npos ? Bytes() : target.substr(query);
  if (!request_.body.empty()) head.body = http::BodyFraming::ofLength(request_.body.size());
  stream_->sendHead(head, fields);
  stream_->sendBody(request_.body);
  stream_->sendEnd({});
}

void Client::Flight::onResponseHead(http::ResponseHead& head) {
  if (head.status == kUnauthorized && askAgain()) return;
  stage_ = Stage::Answering;
  wait(times_.idle);
  sink_->onHead(head);
}

// The token was replaced in the file since we read it, perhaps because its time is over. True: we ask with the new one.
bool Client::Flight::askAgain() {
  if (sawNewToken_ || bearer_.empty()) return false;
  const auto token = client_.credentials_.token();
  if (!token || bearer_ == std::string(kScheme) + *token) return false;
  sawNewToken_ = true;
  std::exchange(stream_, nullptr)->cancel();
  begin(true);
  return true;
}

void Client::Flight::onResponseBody(Bytes data) {
  wait(times_.idle);
  sink_->onBody(data);
}

void Client::Flight::onResponseEnd(http::FieldList) {
  stream_ = nullptr;
  stage_ = Stage::Over;
  timer_.disarm();
  std::exchange(sink_, nullptr)->onEnd();
}

// A warm connection may have been closed by the peer just as we used it, which a request that changes nothing survives.
void Client::Flight::onStreamLost(const Error& error, bool stale) {
  stream_ = nullptr;
  const bool repeatable = request_.method == http::Method::Get || error.unsent;
  if (stale && repeatable && !std::exchange(startedOver_, true)) return begin(false);
  fail(error.detail);
}

void Client::Flight::wait(Duration time) {
  client_.turn_.timers.arm(timer_, after(client_.turn_.now, time));
}

// Not from inside call().
void Client::Flight::failSoon(std::string why) {
  why_ = std::move(why);
  wait(Duration::zero());
}

void Client::Flight::fail(const std::string& what) {
  AnswerSink* sink = std::exchange(sink_, nullptr);
  abandon();
  if (sink != nullptr) sink->onFailed(authority_ + ": " + what);
}

Bytes Client::Flight::stageText() const {
  switch (stage_) {
    case Stage::Connecting: return "no connection";
    case Stage::Asked: return "no answer";
    default: return "nothing more of the answer";
  }
}

void Client::Flight::onTimer() {
  if (!why_.empty()) {
    AnswerSink* sink = std::exchange(sink_, nullptr);
    abandon();
    return sink->onFailed(why_);
  }
  const Duration waited = stage_ == Stage::Connecting ? times_.connect
                          : stage_ == Stage::Asked    ? times_.head
                                                      : times_.idle;
  fail(std::string(stageText()) + " within " + std::to_string(wholeMilliseconds(waited)) + " ms");
}

}  // namespace outrigger::control::outcall
