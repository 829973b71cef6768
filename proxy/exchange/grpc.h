// How a gRPC caller hears of what we decide: the status that stands for each reason, and an answer of ours as
// trailers-only. And what an exchange follows of a call that is answered. Pure.
#pragma once

#include <optional>

#include "proxy/base/reason.h"
#include "proxy/exchange/local_reply.h"
#include "proxy/http/grpc.h"

namespace outrigger::exchange {

/// The status that a reason means to a gRPC caller. Where the reason leaves the status to the configuration or to the
/// upstream, it is the one that belongs to `httpStatus`.
///
/// Unavailable is what client libraries try again, so it stands for what another endpoint or a moment may mend: nobody
/// was reached, or the connection was lost. What is refused because there is too much of it is ResourceExhausted, which
/// asks the caller to send less. DeadlineExceeded is for times that were set; a stream that falls silent is lost.
http::GrpcStatus grpcStatusOf(Reason reason, uint16_t httpStatus);

/// Trailers-only: 200, grpc-status, grpc-message, `outrigger-reason`, and the reply's further fields; no body.
LocalAnswer makeGrpcAnswer(const LocalReply& reply, WallTime wall, Arena& arena);

/// The trailers that end an answer which we cannot complete. grpc-message is like the body of a local reply;
/// `detail`: one sentence instead of the reason's own, empty: that.
http::FieldList grpcTrailers(Reason reason, Bytes detail, Arena& arena);

/// The answer to a call, as far as it has gone downstream.
class GrpcAnswer {
 public:
  void onHead(const http::ResponseHead& head);
  void onBody(Bytes data) { messages_.feed(data); }
  void onTrailers(const http::FieldList& trailers) {
    if (const auto status = http::statedGrpcStatus(trailers)) stated_ = status;
  }
  /// It ends here, for that reason.
  void onCut(Reason reason) { stated_ = grpcStatusOf(reason, httpStatus_); }

  /// Nothing of it is half sent: trailers of ours can still end it, and tell the caller more than a reset would.
  bool canTakeTrailers() const { return open_ && messages_.between(); }
  /// How the call has ended, as its caller understands what came.
  http::GrpcStatus status() const { return stated_ ? *stated_ : http::grpcStatusOfHttp(httpStatus_); }

 private:
  uint16_t httpStatus_ = 0;
  std::optional<http::GrpcStatus> stated_;
  bool open_ = false;  // messages and trailers may follow the head
  http::GrpcMessages messages_;
};

}  // namespace outrigger::exchange
