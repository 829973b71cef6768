#include "proxy/upstream/grpc_health_call.h"

#include <array>

namespace outrigger::upstream {

GrpcHealthCall::GrpcHealthCall(http::h2::Workbench& bench, WriteQueue& out, Instant now, bool secure)
    : out_(out), session_(bench, *this, now, secure) {}

void GrpcHealthCall::ask(Bytes host, Bytes service) {
  body_ = grpcHealthRequest(service);
  http::RequestHead head;
  head.version = http::Version::Http2;
  head.method = http::Method::Post;
  head.methodText = "POST";
  head.authority = host;
  head.path = kHealthCheckPath;
  head.body = http::BodyFraming::ofLength(body_.size());
  std::array<http::Field, 2> fields;
  head.fields = http::FieldList(std::span(fields));
  head.fields.add(http::Header::ContentType, http::kGrpcContentType);
  head.fields.add("user-agent", "outrigger-health");
  session_.open(*this, head, {});
  session_.append(*this, body_);
  session_.finish(*this, {});
  session_.write(out_);
}

void GrpcHealthCall::feed(Bytes data, Instant now) {
  session_.feed(data, now);
  if (const auto& failure = session_.failure()) settle(failure->detail);
  session_.write(out_);
}

void GrpcHealthCall::onResponseHead(http::ResponseHead& head) {
  if (head.status != 200) return settle("status " + std::to_string(head.status));
  stated_ = http::statedGrpcStatus(head.fields);
}

void GrpcHealthCall::onBody(Bytes data) {
  if (!answer_.feed(data)) settle("the answer is too long");
}

void GrpcHealthCall::onResponseEnd(http::FieldList trailers) {
  const auto status = http::statedGrpcStatus(trailers);
  settle(answer_.failure(status ? *status : stated_.value_or(http::GrpcStatus::Unknown)));
}

void GrpcHealthCall::onFailed(const Error& why, bool) {
  settle(why.detail);
}

void GrpcHealthCall::settle(std::string outcome) {
  if (!outcome_) outcome_ = std::move(outcome);
}

}  // namespace outrigger::upstream
