// What gRPC says inside HTTP: which requests are calls, how a call ended, and where its messages begin (gRPC over
// HTTP/2, PROTOCOL-HTTP2; statuscodes; http-grpc-status-mapping; gRFC A6 for pushback). Nothing of protobuf. Pure.
#pragma once

#include <array>
#include <optional>

#include "proxy/base/arena.h"
#include "proxy/base/time.h"
#include "proxy/http/message.h"

namespace outrigger::http {

/// How a call ended; the numbers are those of the wire.
enum class GrpcStatus : uint8_t {
  Ok,
  Cancelled,
  Unknown,
  InvalidArgument,
  DeadlineExceeded,
  NotFound,
  AlreadyExists,
  PermissionDenied,
  ResourceExhausted,
  FailedPrecondition,
  Aborted,
  OutOfRange,
  Unimplemented,
  Internal,
  Unavailable,
  DataLoss,
  Unauthenticated,
};
inline constexpr size_t kGrpcStatusCount = static_cast<size_t>(GrpcStatus::Unauthenticated) + 1;

inline constexpr Bytes kGrpcContentType = "application/grpc";

/// application/grpc, with any message format (+proto, +json) or parameters; not grpc-web, which has no trailers.
bool isGrpcContentType(Bytes contentType);
inline bool isGrpc(const FieldList& fields) {
  return isGrpcContentType(fields.value(Header::ContentType));
}

/// "UNAVAILABLE"
Bytes grpcStatusWord(GrpcStatus status);

/// The value of grpc-status. What is no status of the list is Unknown.
GrpcStatus parseGrpcStatus(Bytes text);

/// The grpc-status among these fields: of a head that is all of the answer (trailers-only), or of trailers. nullopt:
/// there is none.
std::optional<GrpcStatus> statedGrpcStatus(const FieldList& fields);

/// What an answer means that states no grpc-status, by its HTTP status.
GrpcStatus grpcStatusOfHttp(uint16_t status);

/// The HTTP status that says the same (google.rpc.Code). By it a call is judged where settings name HTTP statuses:
/// Unavailable as 503, DeadlineExceeded as 504.
uint16_t httpStatusOfGrpc(GrpcStatus status);

/// A text as a grpc-message: UTF-8, where what is not printable ASCII, and the percent sign, stand as %XX.
Bytes encodeGrpcMessage(Bytes text, Arena& arena);

/// What a server says of another try (grpc-retry-pushback-ms). Not a number, or below zero: none should be made.
struct GrpcPushback {
  std::optional<Duration> wait;  ///< nullopt: no other try
};
std::optional<GrpcPushback> grpcPushback(const FieldList& fields);

/// Follows the messages of one direction of a call: a flag and four octets of length before each.
class GrpcMessages {
 public:
  void feed(Bytes data);
  /// No message is under way.
  bool between() const { return prefix_ == 0 && left_ == 0; }

 private:
  uint64_t left_ = 0;    // octets of the message that are still to come
  uint32_t length_ = 0;  // as far as it was read
  uint8_t prefix_ = 0;   // octets of it that were read
};

}  // namespace outrigger::http
