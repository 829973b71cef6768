// Makes calls to one server over HTTP/1.1, and keeps a connection or two warm between them. An answer may be endless: a
// watch. The control thread only; outlives its calls, and is not destroyed from inside one's AnswerSink.
#pragma once

#include <memory>
#include <vector>

#include "control/outcall/call.h"
#include "control/outcall/peer.h"
#include "proxy/base/dialer.h"
#include "proxy/base/turn.h"
#include "proxy/upstream/h1_connection.h"

namespace outrigger::control::outcall {

class Client final : private upstream::ConnectionOwner {
 public:
  /// `turn` and `dialer` outlive the client.
  Client(Turn& turn, Dialer& dialer, Peer peer);
  ~Client();

  /// Begins a call. A token that the server refuses (401) is read anew, and where another one stands in the file the
  /// call is made once more. `sink` outlives the call.
  std::unique_ptr<Call> call(Request request, const Times& times, AnswerSink& sink);

  const Peer& peer() const { return peer_; }
  Turn& turn() { return turn_; }

 private:
  class Flight;
  class Handle;

  static constexpr size_t kMostIdle = 2;
  static constexpr Duration kIdleTime = 30s;

  /// A warm connection; nullptr: there is none.
  upstream::UpstreamConnection* takeIdle();
  upstream::UpstreamConnection& adopt(std::unique_ptr<Transport> transport);

  void onFree(upstream::UpstreamConnection& connection) override;
  void onDead(upstream::UpstreamConnection& connection, upstream::ConnectionEnd end, Duration idle) override;
  void onKeepAliveHint(Duration) override {}
  void onIdleTimer();

  Turn& turn_;
  Dialer& dialer_;
  const Peer peer_;
  Credentials credentials_;
  http::h1::HeadScratch scratch_;
  metrics::UpstreamSeries series_;  // nobody reads them
  std::vector<std::unique_ptr<upstream::H1Connection>> connections_;
  List<upstream::UpstreamConnection, upstream::PoolTag> idle_;  // the last one used in front
  Timer<Client, &Client::onIdleTimer> idleTimer_{*this};
};

}  // namespace outrigger::control::outcall
