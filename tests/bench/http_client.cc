#include "tests/bench/http_client.h"

#include <algorithm>

namespace outrigger::bench {

/// A kept connection: it is being dialled, has a question, or is idle.
class HttpClient::Connection final : private TransportSink, private DialSink, private http::h1::ClientEvents {
 public:
  Connection(HttpClient& client, Question question)
      : client_(client), question_(std::move(question)), codec_(client.scratch_, *this) {
    dial_ = client.loop_.dial(client.to_, {}, *this);
    client.loop_.turn().timers.arm(patience_, question_.giveUp);
  }

  void ask(Question question) {
    question_ = std::move(question);
    client_.loop_.turn().timers.arm(patience_, question_.giveUp);
    send();
  }

  size_t place = 0;  // in connections_

 private:
  void send() {
    asking_ = true;
    answer_ = {};
    codec_.expect(question_.method);
    const Bytes text = question_.text;
    transport_->write({&text, 1});
  }

  void onConnected(std::unique_ptr<Transport> transport) override {
    client_.loop_.turn().graveyard.bury(std::move(dial_));
    transport_ = std::move(transport);
    transport_->attach(*this);
    send();
  }
  void onDialFailed(const Error&) override {
    client_.loop_.turn().graveyard.bury(std::move(dial_));
    end(Answer::How::Refused);
  }

  void onBytes(Bytes data) override {
    if (!asking_) return end(Answer::How::Lost);
    input_ += data;
    const auto used = codec_.feed(input_);
    if (!used) return end(Answer::How::Lost);
    input_.erase(0, *used);
    if (complete_) finish();
  }
  void onEnd() override {
    if (asking_ && codec_.finishAtClose() && complete_) return finish();
    end(Answer::How::Lost);
  }
  void onLost(const char*) override { end(Answer::How::Lost); }
  void onDrained() override {}

  void onInterim(http::ResponseHead&) override {}
  void onResponseHead(http::ResponseHead& head) override {
    answer_.status = head.status;
    if (const http::Field* reason = head.fields.find("outrigger-reason")) answer_.reason = reason->value;
    keep_ = head.keepAlive;
  }
  void onBody(Bytes) override {}
  void onResponseEnd(http::FieldList) override { complete_ = true; }

  void onImpatient() { end(Answer::How::GaveUp); }

  void finish() {
    asking_ = complete_ = false;
    patience_.disarm();
    Done done = std::move(question_.done);
    const Answer answer = std::move(answer_);
    if (keep_ && codec_.reusable() && input_.empty()) {
      client_.onIdle(*this);
    } else {
      transport_->close(Transport::CloseMode::Normal);
      client_.remove(*this);
    }
    done(answer);
  }

  void end(Answer::How how) {
    if (over_) return;
    over_ = true;
    patience_.disarm();
    dial_.reset();
    if (transport_ != nullptr) transport_->close(Transport::CloseMode::Normal);
    Done done = std::move(question_.done);
    client_.remove(*this);
    const bool cut = how == Answer::How::Lost && answer_.status != 0;
    if (done) done({.how = cut ? Answer::How::Cut : how, .reason = {}});
  }

  HttpClient& client_;
  Question question_;
  http::h1::ClientCodec codec_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Transport> transport_;
  std::string input_;
  Answer answer_;
  bool asking_ = false, complete_ = false, keep_ = false, over_ = false;
  Timer<Connection, &Connection::onImpatient> patience_{*this};
};

HttpClient::HttpClient(net::EventLoop& loop, const Address& to, size_t mostConnections)
    : loop_(loop), to_(to), most_(mostConnections) {}

HttpClient::~HttpClient() = default;

void HttpClient::ask(std::string request, http::Method method, Instant giveUp, Done done) {
  waiting_.push_back({std::move(request), method, giveUp, std::move(done)});
  dispatch();
  if (!waiting_.empty() && !waitTimer_.armed()) loop_.turn().timers.arm(waitTimer_, waiting_.front().giveUp);
}

void HttpClient::dispatch() {
  while (!waiting_.empty() && (!idle_.empty() || connections_.size() < most_)) {
    Question question = std::move(waiting_.front());
    waiting_.pop_front();
    if (idle_.empty()) {
      connections_.push_back(std::make_unique<Connection>(*this, std::move(question)));
      connections_.back()->place = connections_.size() - 1;
    } else {
      Connection& connection = *idle_.back();
      idle_.pop_back();
      connection.ask(std::move(question));
    }
  }
}

void HttpClient::onIdle(Connection& connection) {
  idle_.push_back(&connection);
  dispatch();
}

void HttpClient::remove(Connection& connection) {
  std::erase(idle_, &connection);
  const size_t place = connection.place;
  std::swap(connections_[place], connections_.back());
  connections_[place]->place = place;
  loop_.turn().graveyard.bury(std::move(connections_.back()));
  connections_.pop_back();
  dispatch();
}

void HttpClient::expireWaiting() {
  std::vector<Question> late;
  while (!waiting_.empty() && waiting_.front().giveUp <= loop_.turn().now) {
    late.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (!waiting_.empty()) loop_.turn().timers.arm(waitTimer_, waiting_.front().giveUp);
  for (Question& question : late) question.done({.how = Answer::How::GaveUp, .reason = {}});
}

}  // namespace outrigger::bench
