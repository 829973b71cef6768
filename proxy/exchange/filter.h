// A filter sees the heads of the requests of a route, and says what becomes of each. It is immutable and shared by all
// workers; what it must remember of one request is a struct in the exchange's arena. To write one: two files under
// filters/NAME/, a test, an example, and a line in filters/registry.cc.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "proxy/base/arena.h"
#include "proxy/base/direction.h"
#include "proxy/base/error.h"
#include "proxy/base/peer_info.h"
#include "proxy/base/rng.h"
#include "proxy/http/message.h"

namespace outrigger::exchange {

/// An answer made by us. Its texts live as long as the exchange's arena or longer.
struct LocalReply {
  uint16_t status = 0;  ///< 0: the one that belongs to the reason
  Reason reason = Reason::Internal;
  Bytes detail{};               ///< one sentence for the body; empty: the one that belongs to the reason
  std::optional<Bytes> body{};  ///< instead of that text, as it is
  http::FieldList fields{};     ///< further fields, such as Retry-After
};

/// What a filter answers to a request.
struct Verdict {
  enum class Kind : uint8_t {
    Continue,
    Reply,
    Delay,  ///< go on after a while
    Await,  ///< go on when a Resumption says so; taken by the filter before it answers
  };
  Kind kind = Kind::Continue;
  LocalReply reply;
  Duration delay{};

  static Verdict goOn() { return {}; }
  static Verdict answer(LocalReply reply) { return {Kind::Reply, std::move(reply), {}}; }
  static Verdict delayBy(Duration delay) { return {Kind::Delay, {}, delay}; }
  static Verdict await() { return {Kind::Await, {}, {}}; }
};

/// Takes an exchange that awaits further, once: Continue, Reply or Delay. May outlive the exchange, and is a no-op
/// then. Only on the worker's thread.
using Resumption = std::function<void(Verdict)>;

/// What a filter may use while it runs.
class FilterContext {
 public:
  virtual Instant now() const = 0;
  virtual Rng& rng() = 0;
  /// Lives until the request is finished; for what is put into its head, and for the filter's own state.
  virtual Arena& arena() = 0;
  virtual Direction direction() const = 0;
  virtual const PeerInfo& peer() const = 0;
  virtual Resumption resumption() = 0;

 protected:
  ~FilterContext() = default;
};

class Filter {
 public:
  virtual ~Filter() = default;

  /// In the order of the config, before an upstream is chosen. `head.fields` holds end-to-end fields and can grow.
  virtual Verdict onRequest(FilterContext& context, http::RequestHead& head) const {
    static_cast<void>(context);
    static_cast<void>(head);
    return Verdict::goOn();
  }

  /// In reverse order, for the filters whose onRequest ran; also for local replies.
  virtual void onResponse(FilterContext& context, http::ResponseHead& head) const {
    static_cast<void>(context);
    static_cast<void>(head);
  }
};

}  // namespace outrigger::exchange
