// The call of one gRPC health check on a connection of its own: HTTP/2 with prior knowledge, or as TLS has agreed.
// Knows no time and no transport. Owned by its HealthCheck; one worker's thread.
#pragma once

#include <optional>
#include <string>

#include "proxy/base/write_queue.h"
#include "proxy/http/h2/client_session.h"
#include "proxy/upstream/grpc_health.h"

namespace outrigger::upstream {

class GrpcHealthCall final : private http::h2::ClientSessionEvents, private http::h2::ClientStream {
 public:
  /// `bench` and `out` outlive the call. `secure`: there is TLS below.
  GrpcHealthCall(http::h2::Workbench& bench, WriteQueue& out, Instant now, bool secure);

  /// Once.
  void ask(Bytes host, Bytes service);
  /// What has come.
  void feed(Bytes data, Instant now);

  /// Why the check has failed, in a few words; empty: it passed; nullopt: that is not known yet.
  const std::optional<std::string>& outcome() const { return outcome_; }

 private:
  void onGreeted() override {}
  void onStreamGone() override {}
  void onGuard(http::h2::Guard) override {}

  void onInterim(http::ResponseHead&) override {}
  void onResponseHead(http::ResponseHead& head) override;
  void onBody(Bytes data) override;
  void onResponseEnd(http::FieldList trailers) override;
  void onFailed(const Error& why, bool neutral) override;
  void onDrained() override {}

  void settle(std::string outcome);

  WriteQueue& out_;
  http::h2::ClientSession session_;
  std::string body_;
  std::optional<http::GrpcStatus> stated_;
  GrpcHealthAnswer answer_;
  std::optional<std::string> outcome_;
};

}  // namespace outrigger::upstream
