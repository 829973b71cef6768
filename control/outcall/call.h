// A request of our own to an HTTP server: Kubernetes' API, a collector of traces. What goes out, who hears the answer,
// and the handle that cancels. The control thread only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proxy/base/time.h"
#include "proxy/http/message.h"

namespace outrigger::control::outcall {

struct Request {
  http::Method method = http::Method::Get;
  std::string target = "/";  ///< path, perhaps with a query, escaped as it has to be
  /// End-to-end fields beside Host, User-Agent, Authorization and the framing, which are added.
  std::vector<std::pair<std::string, std::string>> fields{};
  std::string body{};
};

/// How long each stage may take; what takes longer has failed.
struct Times {
  Duration connect = 5s;  ///< until the connection stands, TLS included
  Duration head = 15s;    ///< from then on until the answer's head
  Duration idle = 30s;    ///< between octets of the answer's body
};

/// Hears the answer: onHead(), onBody() any number of times, onEnd(); or onFailed() instead of what is still to come.
/// Not called from inside Client::call(). The call may be destroyed in each of these.
class AnswerSink {
 public:
  /// Any final status. `head` is valid during the call.
  virtual void onHead(const http::ResponseHead& head) = 0;
  /// `data` is valid during the call.
  virtual void onBody(Bytes data) = 0;
  virtual void onEnd() = 0;
  /// `why` says where and what, in one sentence without a full stop.
  virtual void onFailed(const std::string& why) = 0;

 protected:
  ~AnswerSink() = default;
};

/// A call under way, or over. Destroying it cancels: nothing follows.
class Call {
 public:
  virtual ~Call() = default;
};

}  // namespace outrigger::control::outcall
