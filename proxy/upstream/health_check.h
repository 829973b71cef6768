// One health check of one endpoint, over a connection of its own that ends with it: it connects (TCP), or asks
// `GET path` and wants a status of 200 to 399. Owned by who started it, and buried there when it has ended; one
// worker's thread. Ends once; destroying it before cancels it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/base/dialer.h"
#include "proxy/base/write_queue.h"
#include "proxy/http/h1/client_codec.h"
#include "proxy/policy/settings.h"

namespace outrigger::upstream {

class HealthCheckSink {
 public:
  /// `failure` says why it failed, in a few words; empty: it passed. Not called from the check's constructor; bury the
  /// check in here.
  virtual void onChecked(const std::string& failure) = 0;

 protected:
  ~HealthCheckSink() = default;
};

class HealthCheck final : private DialSink, private TransportSink, private http::h1::ClientEvents {
 public:
  /// Begins. `settings.timeout` covers all of it, up to the answer's head. All outlive the check but `sink`, which need
  /// not outlive its end.
  HealthCheck(Turn& turn, Dialer& dialer, http::h1::HeadScratch& scratch, const Address& to,
              const policy::HealthSettings& settings, Bytes host, HealthCheckSink& sink);

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
  const policy::HealthSettings settings_;
  const std::string host_;
  HealthCheckSink* sink_;  // nullptr once it has ended
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Transport> transport_;
  std::optional<WriteQueue> out_;
  http::h1::ClientCodec codec_;
  std::string input_;
  Timer<HealthCheck, &HealthCheck::onTimeout> timer_{*this};
};

}  // namespace outrigger::upstream
