#include "proxy/exchange/grpc.h"

#include <array>

#include "proxy/exchange/reply_table.h"
#include "proxy/http/date.h"

namespace outrigger::exchange {
namespace {

using http::GrpcStatus;
using http::Header;

// nullopt: by the HTTP status.
std::optional<GrpcStatus> statusOf(Reason reason) {
  switch (reason) {
    case Reason::Ok:
    case Reason::FaultInjected:
    case Reason::Responded:
    case Reason::Redirected: return std::nullopt;

    case Reason::NoRoute:
    case Reason::Unsupported:
    case Reason::UnsupportedVersion: return GrpcStatus::Unimplemented;

    case Reason::NoEndpoints:
    case Reason::BreakerOpen:
    case Reason::UpstreamReset:
    case Reason::ConnectFailed:
    case Reason::ConnectTimeout:
    case Reason::TlsFailed:
    case Reason::IdleTimeout:
    case Reason::Draining: return GrpcStatus::Unavailable;

    case Reason::LimitConnections:
    case Reason::LimitRequests:
    case Reason::LimitPending:
    case Reason::PendingTimeout:
    case Reason::RateLimited:
    case Reason::Shed:
    case Reason::BodyTooLarge:
    case Reason::HeadersTooLarge: return GrpcStatus::ResourceExhausted;

    case Reason::AttemptTimeout:
    case Reason::RequestTimeout:
    case Reason::DeadlineExceeded: return GrpcStatus::DeadlineExceeded;

    case Reason::Denied: return GrpcStatus::PermissionDenied;
    case Reason::Unauthenticated: return GrpcStatus::Unauthenticated;

    // The caller did not go through with it.
    case Reason::HeaderTimeout:
    case Reason::BodyTimeout:
    case Reason::ClientClosed: return GrpcStatus::Cancelled;

    // What a sound peer would not have sent, or a circle in the mesh: no other try would fare better.
    case Reason::Malformed:
    case Reason::UriTooLong:
    case Reason::UpstreamMalformed:
    case Reason::Loop:
    case Reason::Internal: return GrpcStatus::Internal;
  }
  return GrpcStatus::Internal;
}

Bytes numberOf(GrpcStatus status, Arena& arena) {
  return arena.number(static_cast<uint64_t>(status));
}

Bytes messageOf(Reason reason, Bytes detail, Arena& arena) {
  const ReplyRow& row = replyRow(reason);
  return http::encodeGrpcMessage(arena.join("outrigger: ", row.word, ": ", detail.empty() ? row.sentence : detail),
                                 arena);
}

}  // namespace

GrpcStatus grpcStatusOf(Reason reason, uint16_t httpStatus) {
  return statusOf(reason).value_or(http::grpcStatusOfHttp(httpStatus));
}

LocalAnswer makeGrpcAnswer(const LocalReply& reply, WallTime wall, Arena& arena) {
  LocalAnswer answer;
  answer.head.status = 200;
  answer.head.fields = http::FieldList(arena);
  http::FieldList& fields = answer.head.fields;
  fields.add(Header::Date, arena.copy(http::DateText(wall).text()));
  fields.add(Header::ContentType, http::kGrpcContentType);
  fields.add(Header::GrpcStatus, numberOf(grpcStatusOf(reply.reason, reply.status), arena));
  fields.add("grpc-message", messageOf(reply.reason, reply.detail, arena));
  fields.add(Header::OutriggerReason, replyRow(reply.reason).word);
  for (const http::Field& field : reply.fields) {
    if (field.id != Header::ContentType && field.id != Header::GrpcStatus)
      fields.add(field.id, field.name, field.value);
  }
  return answer;
}

http::FieldList grpcTrailers(Reason reason, Bytes detail, Arena& arena) {
  http::FieldList fields(arena);
  fields.add(Header::GrpcStatus, numberOf(grpcStatusOf(reason, replyRow(reason).status), arena));
  fields.add("grpc-message", messageOf(reason, detail, arena));
  return fields;
}

void GrpcAnswer::onHead(const http::ResponseHead& head) {
  using Kind = http::BodyFraming::Kind;
  httpStatus_ = head.status;
  stated_ = http::statedGrpcStatus(head.fields);
  const bool endless = head.body.kind == Kind::Chunked || head.body.kind == Kind::UntilClose;
  open_ = endless && !head.headOnly && !stated_ && head.status == 200 && http::isGrpc(head.fields);
}

}  // namespace outrigger::exchange
