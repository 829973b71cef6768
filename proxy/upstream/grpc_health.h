// The gRPC health protocol (grpc.health.v1.Health/Check) as octets: the one message that asks, and what is made of the
// one that answers. Protobuf as far as these two need it. Pure.
//
//   message HealthCheckRequest { string service = 1; }
//   message HealthCheckResponse { ServingStatus status = 1; }
#pragma once

#include <string>

#include "proxy/http/grpc.h"

namespace outrigger::upstream {

inline constexpr Bytes kHealthCheckPath = "/grpc.health.v1.Health/Check";

/// The request's body: a HealthCheckRequest behind its prefix. An empty service asks for the server as a whole.
std::string grpcHealthRequest(Bytes service);

/// The answer's body and status.
class GrpcHealthAnswer {
 public:
  /// False: this is longer than any answer to such a question.
  bool feed(Bytes data);
  /// Why the check has failed, in a few words; empty: it is serving. Once the answer is complete.
  std::string failure(http::GrpcStatus status) const;

 private:
  std::string body_;
};

}  // namespace outrigger::upstream
