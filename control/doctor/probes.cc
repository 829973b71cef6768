#include "control/doctor/probes.h"

#include "control/cli/spoken.h"
#include "control/outcall/client.h"
#include "proxy/net/dns_resolver.h"
#include "proxy/net/signals.h"

namespace outrigger::control::doctor {
namespace {

/// A loop that runs until so many answers are there, or for `limit`.
class Waiting {
 public:
  Waiting(size_t answers, Duration limit) : missing_(answers), limit_(limit) { net::Signals::ignorePipe(); }

  net::EventLoop& loop() { return loop_; }
  void answered() {
    if (--missing_ == 0) loop_.stop();
  }
  /// `begin` asks.
  template <class Begin>
  void run(const Begin& begin) {
    if (missing_ == 0) return;
    {
      const net::EventLoop::Callback here(loop_);
      begin();
      loop_.turn().timers.arm(end_, loop_.turn().now + limit_);
    }
    loop_.run();
  }

 private:
  void onTimeIsUp() { loop_.stop(); }

  net::EventLoop loop_{net::randomSeed()};
  size_t missing_;
  const Duration limit_;
  Timer<Waiting, &Waiting::onTimeIsUp> end_{*this};
};

std::string silence(Duration limit) {
  return "no answer within " + cli::spanText(limit);
}

/// One connection, which is closed as soon as it stands.
class Dialled final : private DialSink {
 public:
  Dialled(Waiting& waiting, Address to, Duration limit) : why_(silence(limit)), waiting_(waiting), to_(std::move(to)) {}

  void begin() { dial_ = waiting_.loop().dial(to_, {}, *this); }
  const std::optional<std::string>& why() const { return why_; }

 private:
  void onConnected(std::unique_ptr<Transport>) override { end(std::nullopt); }
  void onDialFailed(const Error& error) override { end(error.detail); }
  void end(std::optional<std::string> why) {
    why_ = std::move(why);
    waiting_.answered();
  }

  std::optional<std::string> why_;
  Waiting& waiting_;
  const Address to_;
  std::unique_ptr<Dial> dial_;
};

class Asked final : private ResolveSink {
 public:
  Asked(Waiting& waiting, Duration limit) : waiting_(waiting) { found_.failure = silence(limit); }

  void begin(Resolver& resolver, const Question& question) {
    resolution_ = question.port == 0 ? resolver.resolveService(question.name, *this)
                                     : resolver.resolve(question.name, question.port, *this);
  }
  void giveUp() { resolution_.reset(); }
  const LookUp& found() const { return found_; }

 private:
  void onResolved(Resolved resolved) override {
    for (const Resolved::Place& place : resolved.places) found_.addresses.push_back(place.address);
    found_.failure.clear();
    waiting_.answered();
  }
  void onResolveFailed(const ResolveError& error) override {
    found_.failure = error.detail;
    waiting_.answered();
  }

  LookUp found_;
  Waiting& waiting_;
  std::unique_ptr<Resolution> resolution_;
};

class Read final : public outcall::AnswerSink {
 public:
  explicit Read(Waiting& waiting) : waiting_(waiting) {}

  void onHead(const http::ResponseHead& head) override {
    answer.connected = true;
    status_ = head.status;
  }
  void onBody(Bytes data) override {
    constexpr size_t kMost = 1024 * 1024;
    if (body_.size() < kMost) body_ += data;
  }
  void onEnd() override {
    if (status_ == 200) answer.text = std::move(body_);
    if (status_ != 200) answer.why = "it answers with " + std::to_string(status_);
    waiting_.answered();
  }
  void onFailed(const std::string& why) override {
    answer.why = why;
    waiting_.answered();
  }

  PageAnswer answer;

 private:
  Waiting& waiting_;
  uint16_t status_ = 0;
  std::string body_;
};

}  // namespace

std::vector<std::optional<std::string>> dialAll(const std::vector<Address>& addresses, Duration limit) {
  Waiting waiting(addresses.size(), limit);
  std::vector<std::unique_ptr<Dialled>> all;
  for (const Address& address : addresses) all.push_back(std::make_unique<Dialled>(waiting, address, limit));
  waiting.run([&] {
    for (const auto& one : all) one->begin();
  });
  std::vector<std::optional<std::string>> answers;
  for (const auto& one : all) answers.push_back(one->why());
  return answers;
}

std::vector<LookUp> lookUpAll(const std::vector<Question>& questions, Duration limit) {
  Waiting waiting(questions.size(), limit);
  net::DnsResolver resolver(waiting.loop(), {.timeout = limit / 2, .tries = 2, .limit = limit});
  std::vector<std::unique_ptr<Asked>> all;
  for (size_t i = 0; i < questions.size(); ++i) all.push_back(std::make_unique<Asked>(waiting, limit));
  waiting.run([&] {
    for (size_t i = 0; i < questions.size(); ++i) all[i]->begin(resolver, questions[i]);
  });
  std::vector<LookUp> found;
  for (const auto& one : all) {
    one->giveUp();
    found.push_back(one->found());
  }
  return found;
}

PageAnswer askPage(const Address& admin, const std::string& target, Duration limit) {
  const auto refused = dialAll({admin}, limit / 3);
  if (refused.front()) return {.connected = false, .text = std::nullopt, .why = *refused.front()};
  Waiting waiting(1, limit - limit / 3);
  const std::string host = admin.isIp() ? admin.hostText() : std::string("localhost");
  outcall::Client client(waiting.loop().turn(), waiting.loop(), {.address = admin, .host = host});
  Read read(waiting);
  std::unique_ptr<outcall::Call> call;
  read.answer = {.connected = true, .text = std::nullopt, .why = silence(limit)};
  waiting.run([&] { call = client.call({.target = target}, {.connect = limit, .head = limit, .idle = limit}, read); });
  return read.answer;
}

}  // namespace outrigger::control::doctor
