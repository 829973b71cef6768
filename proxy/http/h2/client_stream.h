// One request and its answer in a ClientSession: what the protocol knows of them, and who hears of the answer. Made by
// the one who asks, who keeps it until it was told of its end, or has cancelled it. One worker's thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/base/error.h"
#include "proxy/base/list.h"
#include "proxy/http/h2/outgoing_body.h"
#include "proxy/http/message.h"

namespace outrigger::http::h2 {

struct LiveTag;
struct SendingTag;

class ClientStream : public ListNode<LiveTag>, public ListNode<SendingTag> {
 public:
  // Order of events: onInterim*, onResponseHead, onBody*, onResponseEnd; or at any point, and last, onFailed. Heads and
  // fields are valid during the call, body octets until the running callback has settled.

  virtual void onInterim(ResponseHead& head) = 0;
  virtual void onResponseHead(ResponseHead& head) = 0;
  virtual void onBody(Bytes data) = 0;
  virtual void onResponseEnd(FieldList trailers) = 0;
  /// `why.unsent`: the service has provably not processed the request. `neutral`: that says nothing about the service.
  virtual void onFailed(const Error& why, bool neutral) = 0;
  /// queued() had passed kHighWater and is at most kLowWater again.
  virtual void onDrained() = 0;

  /// Octets of content that have not been framed yet.
  size_t queued() const { return body_.size(); }
  /// True from the moment before the first octet of the request is written.
  bool handedOver() const { return handedOver_; }
  bool headSeen() const { return headSeen_; }

 protected:
  ClientStream() = default;
  ~ClientStream() = default;

 private:
  friend class ClientSession;
  friend struct ClientPort;

  bool live() const { return ListNode<LiveTag>::linked(); }

  int32_t id_ = 0;
  Method asked_ = Method::Get;
  bool tunnel_ = false;     // an upgrade or CONNECT was asked for
  bool websocket_ = false;  // by extended CONNECT, where HTTP/1 would say 101
  bool handedOver_ = false;
  bool beforeSettings_ = false;  // sent while the peer's limits were unknown
  bool resetByPeer_ = false;
  bool requestEnded_ = false;  // nothing is added to the body any more
  bool aboveHighWater_ = false;
  bool stopped_ = false;      // it will never be sent
  bool unsupported_ = false;  // for the peer does not take what it asks for
  bool headSeen_ = false;
  bool paused_ = false;
  int interims_ = 0;
  std::optional<uint64_t> length_;  // of the answer's content, where it is known
  uint64_t received_ = 0;
  size_t unconsumed_ = 0;  // octets of content that the peer has not got back yet
  OutgoingBody body_;
  using Lines = std::vector<std::pair<std::string, std::string>>;
  Lines held_;  // a head that waits for the peer's SETTINGS
  Lines trailers_;
};

}  // namespace outrigger::http::h2
