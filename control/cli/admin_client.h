// Asks a running sidecar over its admin listener, and waits for the answer: what most verbs stand on. Errors are
// sentences without a full stop that say where, what, and what would be right. One thread, which has no loop beside it.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "control/outcall/client.h"
#include "proxy/net/event_loop.h"

namespace outrigger::control::cli {

using Json = nlohmann::ordered_json;

inline constexpr const char* kAdminVariable = "OUTRIGGER_ADMIN";
inline constexpr const char* kAdminDefault = "127.0.0.1:15100";

/// Reads "127.0.0.1:15100", "[::1]:15100", "localhost:15100", "15100" or "unix:/run/admin.sock".
std::expected<Address, std::string> readAdminAddress(Bytes text);

/// Whom to ask: `option`, or if that is empty what stands in `variable` (nullptr: it is not set), or the default.
std::expected<Address, std::string> chooseAdmin(const std::string& option, const char* variable);

class AdminClient {
 public:
  template <class T>
  using Answer = std::expected<T, std::string>;

  explicit AdminClient(Address address);

  /// As messages name it.
  const std::string& where() const { return where_; }

  Answer<Json> get(const std::string& target);
  /// A page of whatever type.
  Answer<std::string> getText(const std::string& target);
  /// An action; `body` may be null.
  Answer<Json> post(const std::string& target, const Json& body = nullptr);

  /// What to do with an event of a feed; false: that is enough.
  using OnEvent = std::function<bool(Bytes name, Bytes data)>;
  /// Reads a feed until `onEvent` has enough, `length` is over, stop() or its end; the error is nullopt then.
  std::optional<std::string> follow(const std::string& target, std::optional<Duration> length, OnEvent onEvent);
  /// Ends follow(), from inside its calls or from a signal's.
  void stop() { loop_.stop(); }

  net::EventLoop& loop() { return loop_; }

 private:
  class Conversation;
  class Following;

  std::unique_ptr<outcall::Call> begin(outcall::Request request, const outcall::Times& times,
                                       outcall::AnswerSink& sink);
  Answer<std::string> ask(outcall::Request request);
  std::string unreachable(const std::string& why) const;
  std::string refused(const std::string& target, uint16_t status, const std::string& body) const;

  net::EventLoop loop_;
  const std::string where_;
  outcall::Client client_;
};

}  // namespace outrigger::control::cli
