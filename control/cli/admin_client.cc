#include "control/cli/admin_client.h"

#include <algorithm>
#include <charconv>

#include "control/cli/event_stream.h"
#include "proxy/net/signals.h"

namespace outrigger::control::cli {
namespace {

// Somebody waits at the terminal: sooner than a probe would give up.
constexpr outcall::Times kTimes{.connect = 2s, .head = 10s, .idle = 10s};
// A feed may be silent for as long as its server pleases; that it lives is told by comments, every few seconds.
constexpr outcall::Times kFeedTimes{.connect = 2s, .head = 10s, .idle = 60s};
constexpr size_t kMostOctets = 64 * 1024 * 1024;

constexpr const char* kForms = "127.0.0.1:15100, [::1]:15100, localhost:15100, 15100 or unix:/run/outrigger.sock";

std::optional<uint16_t> portOf(Bytes text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

outcall::Peer peerAt(const Address& address) {
  // An IP address or "localhost": names are refused by the admin pages, for whoever rules over DNS could choose them.
  return {.address = address, .host = address.isIp() ? address.hostText() : std::string("localhost")};
}

}  // namespace

std::expected<Address, std::string> readAdminAddress(Bytes text) {
  constexpr Bytes kLocalhost = "localhost:";
  const Bytes port = text.starts_with(kLocalhost) ? text.substr(kLocalhost.size()) : text;
  if (const auto number = portOf(port)) return Address::loopback(*number);
  const auto address = Address::parse(text);
  if (address && !(address->isIp() && address->port() == 0) && !address->isWildcard()) return *address;
  return std::unexpected("'" + std::string(text) + "' is no address of an admin listener: it looks like " + kForms);
}

std::expected<Address, std::string> chooseAdmin(const std::string& option, const char* variable) {
  const bool fromVariable = option.empty() && variable != nullptr && *variable != '\0';
  const std::string text = fromVariable ? variable : option.empty() ? kAdminDefault : option;
  auto address = readAdminAddress(text);
  if (!address) return std::unexpected(std::string(fromVariable ? kAdminVariable : "--admin") + ": " + address.error());
  return address;
}

/// One call, from its begin to its end.
class AdminClient::Conversation final : public outcall::AnswerSink {
 public:
  explicit Conversation(net::EventLoop& loop) : loop_(loop) {}

  void onHead(const http::ResponseHead& head) override { status = head.status; }
  void onBody(Bytes data) override {
    if (body.size() + data.size() > kMostOctets) return onFailed("the answer is longer than 64 MiB");
    body += data;
  }
  void onEnd() override { loop_.stop(); }
  void onFailed(const std::string& why) override {
    failure = why;
    loop_.stop();
  }

  uint16_t status = 0;
  std::string body;
  std::optional<std::string> failure;

 private:
  net::EventLoop& loop_;
};

/// One feed, until somebody has enough of it.
class AdminClient::Following final : public outcall::AnswerSink {
 public:
  Following(net::EventLoop& loop, OnEvent onEvent) : loop_(loop), onEvent_(std::move(onEvent)) {}

  void onHead(const http::ResponseHead& head) override { status = head.status; }
  void onBody(Bytes data) override {
    if (status == 200) return events_.take(data);
    if (body.size() < kMostOctets) body += data;
  }
  void onEnd() override {
    ended = true;
    loop_.stop();
  }
  void onFailed(const std::string& why) override {
    failure = why;
    loop_.stop();
  }
  void onTimeIsUp() { loop_.stop(); }

  uint16_t status = 0;
  bool ended = false;
  std::string body;  // of a refusal
  std::optional<std::string> failure;
  Timer<Following, &Following::onTimeIsUp> timer{*this};

 private:
  void onEvent(Bytes name, Bytes data) {
    enough_ = enough_ || !onEvent_(name, data);
    if (enough_) loop_.stop();
  }

  net::EventLoop& loop_;
  OnEvent onEvent_;
  bool enough_ = false;
  EventStream events_{[this](Bytes name, Bytes data) {
    if (!enough_) onEvent(name, data);
  }};
};

AdminClient::AdminClient(Address address)
    : loop_(net::randomSeed()), where_(address.text()), client_(loop_.turn(), loop_, peerAt(address)) {
  net::Signals::ignorePipe();
}

std::string AdminClient::unreachable(const std::string& why) const {
  const std::string prefix = client_.peer().authority() + ": ";
  const std::string what = why.starts_with(prefix) ? why.substr(prefix.size()) : why;
  return "no sidecar answers at " + where_ + " (" + what + "): is it running? --admin or " + kAdminVariable +
         " names another";
}

std::string AdminClient::refused(const std::string& target, uint16_t status, const std::string& body) const {
  const Json json = Json::parse(body, nullptr, false);
  const std::string at = "the sidecar at " + where_ + " ";
  const bool hasReason = json.is_object() && json.contains("error") && json["error"].is_string();
  const std::string path = target.substr(0, target.find('?'));
  if (status == 404 && !hasReason) return at + "has no " + path + ": what answers there is no sidecar";
  if (status == 404 && json["error"] == "there is no such page") {
    return at + "has no " + path +
           ": either that is not its admin listener but the one for telemetry, or its version is "
           "older than that of this program, " OUTRIGGER_VERSION;
  }
  if (!hasReason) return at + "answers " + path + " with " + std::to_string(status);
  return at + "refuses: " + json["error"].get<std::string>();
}

// Between two calls the loop stood still, and its time with it.
std::unique_ptr<outcall::Call> AdminClient::begin(outcall::Request request, const outcall::Times& times,
                                                  outcall::AnswerSink& sink) {
  const net::EventLoop::Callback here(loop_);
  return client_.call(std::move(request), times, sink);
}

AdminClient::Answer<std::string> AdminClient::ask(outcall::Request request) {
  const std::string target = request.target;
  Conversation conversation(loop_);
  const auto call = begin(std::move(request), kTimes, conversation);
  loop_.run();
  if (conversation.failure) return std::unexpected(unreachable(*conversation.failure));
  if (conversation.status != 200) {
    return std::unexpected(refused(target, conversation.status, conversation.body));
  }
  return std::move(conversation.body);
}

AdminClient::Answer<std::string> AdminClient::getText(const std::string& target) {
  return ask({.target = target});
}

AdminClient::Answer<Json> AdminClient::get(const std::string& target) {
  auto text = getText(target);
  if (!text) return std::unexpected(std::move(text.error()));
  Json json = Json::parse(*text, nullptr, false);
  if (json.is_discarded()) return std::unexpected("what answers at " + where_ + " is no sidecar: that is no JSON");
  return json;
}

AdminClient::Answer<Json> AdminClient::post(const std::string& target, const Json& body) {
  auto text = ask({.method = http::Method::Post,
                   .target = target,
                   .fields = {{"outrigger-admin", "1"}, {"content-type", "application/json"}},
                   .body = body.is_null() ? "{}" : body.dump()});
  if (!text) return std::unexpected(std::move(text.error()));
  Json json = Json::parse(*text, nullptr, false);
  if (json.is_discarded()) return std::unexpected("what answers at " + where_ + " is no sidecar: that is no JSON");
  return json;
}

std::optional<std::string> AdminClient::follow(const std::string& target, std::optional<Duration> length,
                                               OnEvent onEvent) {
  Following following(loop_, std::move(onEvent));
  const auto call = begin({.target = target}, kFeedTimes, following);
  if (length) loop_.turn().timers.arm(following.timer, loop_.turn().now + *length);
  loop_.run();
  if (following.failure) {
    if (following.status == 0) return unreachable(*following.failure);
    return "the sidecar at " + where_ + " has gone (" + *following.failure + ")";
  }
  if (following.status != 0 && following.status != 200) return refused(target, following.status, following.body);
  if (following.ended) return "the sidecar at " + where_ + " has ended the feed";
  return std::nullopt;
}

}  // namespace outrigger::control::cli
