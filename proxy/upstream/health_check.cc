#include "proxy/upstream/health_check.h"

#include "proxy/http/h1/encoder.h"

namespace outrigger::upstream {

HealthCheck::HealthCheck(Turn& turn, Dialer& dialer, http::h1::HeadScratch& scratch, const Address& to,
                         const policy::HealthSettings& settings, Bytes host, HealthCheckSink& sink)
    : turn_(turn),
      settings_(settings),
      host_(settings.host.value_or(std::string(host))),
      sink_(&sink),
      codec_(scratch, *this) {
  turn.timers.arm(timer_, turn.now + settings.timeout);
  dial_ = dialer.dial(to, {}, *this);
}

void HealthCheck::onConnected(std::unique_ptr<Transport> transport) {
  transport_ = std::move(transport);
  transport_->attach(*this);
  if (settings_.kind == policy::HealthSettings::Kind::Tcp) return end({});
  ask();
}

void HealthCheck::ask() {
  out_.emplace(turn_, *transport_);
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
