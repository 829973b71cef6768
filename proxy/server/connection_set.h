// Owns the downstream connections of one listener's kind on one thread: makes them, counts them, closes them.
#pragma once

#include <vector>

#include "proxy/metrics/cell.h"
#include "proxy/server/downstream_connection.h"

namespace outrigger::server {

class ConnectionSet final : private DownstreamHome {
 public:
  /// `turn` and `scratch` outlive the set; `open` counts its connections.
  ConnectionSet(Turn& turn, http::h1::HeadScratch& scratch, metrics::Gauge& open)
      : turn_(turn), scratch_(scratch), open_(open) {}

  /// How its connections are treated; what is changed here holds from their next request on.
  ServingRules& rules() { return rules_; }

  /// Serves a connection that was accepted; `handler` outlives it.
  void serve(std::unique_ptr<Transport> transport, http::StreamHandler& handler);

  size_t size() const { return connections_.size(); }
  /// Closes those that serve no request just now.
  void closeIdle();
  /// Closes all, whatever they do.
  void closeAll();

 private:
  Turn& turn() override { return turn_; }
  http::h1::HeadScratch& scratch() override { return scratch_; }
  void onClosed(DownstreamConnection& connection) override;

  Turn& turn_;
  http::h1::HeadScratch& scratch_;
  metrics::Gauge& open_;
  ServingRules rules_;
  std::vector<std::unique_ptr<DownstreamConnection>> connections_;  // each knows its slot
};

}  // namespace outrigger::server
