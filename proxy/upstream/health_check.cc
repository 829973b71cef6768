#include "proxy/upstream/health_check.h"

#include "proxy/http/h1/encoder.h"

namespace outrigger::upstream {

using Kind = policy::HealthSettings::Kind;

HealthCheck::HealthCheck(const HealthCheckTools& tools, const Address& to, const policy::HealthSettings& settings,
                         Bytes host, std::shared_ptr<const TlsClientSettings> tls, HealthCheckSink& sink)
    : turn_(tools.turn),
      bench_(tools.bench),
      settings_(settings),
      host_(settings.host.value_or(std::string(host))),
      sink_(&sink),
      codec_(tools.scratch, *this),
      secure_(tls != nullptr) {
  turn_.timers.arm(timer_, turn_.now + settings.timeout);
  const bool http1 = settings.kind == Kind::Http;
  const bool http2 = settings.kind == Kind::Grpc;
  dial_ = tools.dialer.dial(to, {.tls = std::move(tls), .offersHttp1 = http1, .offersHttp2 = http2}, *this);
}

void HealthCheck::onConnected(std::unique_ptr<Transport> transport) {
  transport_ = std::move(transport);
  transport_->attach(*this);
  if (settings_.kind == Kind::Tcp) return end({});
  out_.emplace(turn_, *transport_);
  if (settings_.kind == Kind::Http) return ask();
  call_.emplace(bench_, *out_, turn_.now, secure_);
  call_->ask(host_, settings_.service);
}

void HealthCheck::ask() {
  http::RequestHead head;
  head.method = http::Method::Get;
  head.methodText = "GET";
  head.authority = host_;
  head.path = settings_.path;
  const std::array<http::Field, 2> fields{
      http::Field{http::Header::Other, "user-agent", "outrigger-health"},
      http::Field{http::Header::Connection, http::headerName(http::Header::Connection), "close"}};
  codec_.expect(head.method);
  http::h1::writeRequestHead(*out_, head, fields);
}

void HealthCheck::onBytes(Bytes data) {
  if (sink_ == nullptr) return;
  if (call_) {
    call_->feed(data, turn_.now);
    if (call_->outcome()) end(*call_->outcome());
    return;
  }
  input_.append(data);
  const auto used = codec_.feed(input_);
  if (sink_ == nullptr) return;
  if (!used) return end(used.error().detail);
  input_.erase(0, *used);
}

void HealthCheck::onEnd() {
  end("closed without an answer");
}

void HealthCheck::onResponseHead(http::ResponseHead& head) {
  constexpr uint16_t kFirstBad = 400;
  end(head.status < kFirstBad ? std::string() : "status " + std::to_string(head.status));
}

void HealthCheck::onTimeout() {
  end(transport_ == nullptr ? "no connection within the timeout" : "no answer within the timeout");
}

void HealthCheck::end(const std::string& failure) {
  HealthCheckSink* sink = std::exchange(sink_, nullptr);
  if (sink == nullptr) return;
  timer_.disarm();
  dial_.reset();
  if (out_) out_->discard();
  if (transport_ != nullptr) transport_->close(Transport::CloseMode::Normal);
  sink->onChecked(failure);
}

}  // namespace outrigger::upstream
