// Owns the downstream connections of one listener's kind on one thread: makes them, counts them, closes them.
#pragma once

#include <optional>
#include <vector>

#include "proxy/http/server_stream.h"
#include "proxy/metrics/cell.h"
#include "proxy/server/downstream_connection.h"
#include "proxy/server/receptionist.h"

namespace outrigger::server {

class ConnectionSet final : private DownstreamHome {
 public:
  /// `turn` and `scratch` outlive the set; `open` counts its connections.
  ConnectionSet(Turn& turn, http::h1::HeadScratch& scratch, metrics::Gauge& open)
      : turn_(turn), scratch_(scratch), open_(open) {}

  /// How its connections are treated; what is changed here holds from their next request on.
  ServingRules& rules() { return rules_; }

  /// Who wraps connections in TLS; else TLS is not taken.
  void acceptTlsBy(TlsAcceptor& tls) { tls_ = &tls; }

  /// Else HTTP/2 is not spoken. Both outlive the set.
  void speakHttp2(http::h2::Workbench& workbench, GuardCounters& guards) { http2_.emplace(workbench, guards); }

  /// Serves a connection that was accepted and speaks HTTP/1; `handler` outlives it.
  void serve(std::unique_ptr<Transport> transport, http::StreamHandler& handler);
  /// The same for one that has still to show what it speaks; `receptionist` outlives it.
  void receive(std::unique_ptr<Transport> transport, Receptionist& receptionist);

  size_t size() const { return connections_.size(); }
  /// The answers to come are the last ones; peers that can be told so are.
  void makeAnswersLast();
  /// Callers are judged by other rules from now on (DownstreamConnection::judgeAnew).
  /// Some in each turn, for each costs a signature's check.
  void judgeAnew(const std::shared_ptr<const TlsServerSettings>& settings);
  /// Closes those that serve no request just now.
  void closeIdle();
  /// Closes all, whatever they do.
  void closeAll();

 private:
  Turn& turn() override { return turn_; }
  http::h1::HeadScratch& scratch() override { return scratch_; }
  TlsAcceptor* tls() override { return tls_; }
  const Http2Parts* http2() override { return http2_ ? &*http2_ : nullptr; }
  void onBecame(DownstreamConnection& connection, std::unique_ptr<DownstreamConnection> next) override;
  void onClosed(DownstreamConnection& connection) override;
  void add(std::unique_ptr<DownstreamConnection> connection);
  void onJudge();

  Turn& turn_;
  http::h1::HeadScratch& scratch_;
  metrics::Gauge& open_;
  ServingRules rules_;
  std::shared_ptr<const TlsServerSettings> judge_;
  size_t unjudged_ = 0;  // connections below this place are still to be judged
  Timer<ConnectionSet, &ConnectionSet::onJudge> judgeTimer_{*this};
  TlsAcceptor* tls_ = nullptr;
  std::optional<Http2Parts> http2_;
  std::vector<std::unique_ptr<DownstreamConnection>> connections_;  // each knows its slot
};

}  // namespace outrigger::server
