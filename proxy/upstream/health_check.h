// One health check of one endpoint, over a connection of its own that ends with it: it connects (TCP), asks `GET path`
// and wants a status of 200 to 399, or makes the call of gRPC's health protocol and wants SERVING. Owned by who started
// it, and buried there when it has ended; one worker's thread. Ends once; destroying it before cancels it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/base/dialer.h"
#include "proxy/base/write_queue.h"
#include "proxy/http/h1/client_codec.h"
#include "proxy/policy/settings.h"
#include "proxy/upstream/grpc_health_call.h"

namespace outrigger::upstream {

class HealthCheckSink {
 public:
  /// `failure` says why it failed, in a few words; empty: it passed. Not called from the check's constructor; bury the
  /// check in here.
  virtual void onChecked(const std::string& failure) = 0;

 protected:
  ~HealthCheckSink() = default;
};

/// What the checks of an upstream have in common; outlives them.
struct HealthCheckTools {
  Turn& turn;
  Dialer& dialer;
  http::h1::HeadScratch& scratch;
  http::h2::Workbench& bench;
};

class HealthCheck final : private DialSink, private TransportSink, private http::h1::ClientEvents {
 public:
  /// Begins. `settings.timeout` covers all of it. `tls`: as the upstream's requests go; nullptr: plain. What `tools`
  /// names outlives the check; `sink` need not outlive its end.
  HealthCheck(const HealthCheckTools& tools, const Address& to, const policy::HealthSettings& settings, Bytes host,
              std::shared_ptr<const TlsClientSettings> tls, HealthCheckSink& sink);

 private:
  void onConnected(std::unique_ptr<Transport> transport) override;
  // The end of our own means says nothing of the endpoint, and yet there is nothing better to say: a failed check.
  void onDialFailed(const Error& error) override { end(error.detail); }

  void onBytes(Bytes data) override;
  void onEnd() override;
  void onLost(const char* why) override { end(why); }
  void onDrained() override {}

  void onInterim(http::ResponseHead&) override {}
  void onResponseHead(http::ResponseHead& head) override;
  void onBody(Bytes) override {}
  void onResponseEnd(http::FieldList) override {}

  void ask();
  void onTimeout();
  void end(const std::string& failure);

  Turn& turn_;
  http::h2::Workbench& bench_;
  const policy::HealthSettings settings_;
  const std::string host_;
  HealthCheckSink* sink_;  // nullptr once it has ended
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Transport> transport_;
  std::optional<WriteQueue> out_;
  http::h1::ClientCodec codec_;
  std::string input_;
  const bool secure_;
  std::optional<GrpcHealthCall> call_;  // of a gRPC check
  Timer<HealthCheck, &HealthCheck::onTimeout> timer_{*this};
};

}  // namespace outrigger::upstream
