#include "proxy/server/arrival.h"

#include "proxy/http/h2/settings.h"
#include "proxy/server/h1_downstream.h"
#include "proxy/server/h2_downstream.h"

namespace outrigger::server {
namespace {

constexpr char kTlsHandshake = 0x16;  // RFC 8446 §5.1: the content type of a record that holds a ClientHello

}  // namespace

Arrival::Arrival(DownstreamHome& home, const Reception& reception, std::unique_ptr<Transport> transport)
    : home_(home), reception_(reception), transport_(std::move(transport)) {
  Turn& turn = home.turn();
  turn.timers.arm(timer_, after(turn.now, reception.rules.keepAlive.value_or(kLongestSetting)));
  transport_->attach(*this);
}

void Arrival::closeIfIdle() {
  if (phase_ == Phase::Looking && seen_.empty()) die();
}

void Arrival::onBytes(Bytes data) {
  if (phase_ != Phase::Looking) return;
  if (seen_.empty()) {
    home_.turn().timers.arm(timer_, after(home_.turn().now, reception_.rules.headTimeout));
    data_ = data;
  } else {
    seen_.append(data);
    data_ = seen_;
  }
  look();
}

void Arrival::look() {
  const exchange::ReceptionSettings& settings = reception_.settings;
  const bool takesTls = settings.tls != nullptr && home_.tls() != nullptr && !secured_;
  if (takesTls && data_.front() == kTlsHandshake) return secure();
  if (takesTls && settings.tlsOnly) return die();
  if (home_.http2() == nullptr) return become<H1Downstream>();
  // Who has said nothing that could begin HTTP/2 is answered in the words of HTTP/1, whatever it is.
  const Bytes preface = http::h2::kPreface;
  if (data_.starts_with(preface)) return become<H2Downstream>();
  if (preface.starts_with(data_)) return remember();
  become<H1Downstream>();
}

// Nothing can be told yet.
void Arrival::remember() {
  if (seen_.empty()) seen_.assign(data_);
}

void Arrival::secure() {
  phase_ = Phase::Shaking;
  HandshakeSink& self = *this;
  handshake_ = home_.tls()->accept(std::move(transport_), data_, reception_.settings.tls, self);
}

void Arrival::onSecured(std::unique_ptr<Transport> transport) {
  home_.turn().graveyard.bury(std::move(handshake_));
  transport_ = std::move(transport);
  secured_ = true;
  phase_ = Phase::Looking;
  seen_.clear();
  data_ = {};
  if (transport_->peer().alpn == Alpn::Http2 && home_.http2() != nullptr) return become<H2Downstream>();
  if (transport_->peer().alpn == Alpn::Http1) return become<H1Downstream>();
  transport_->attach(*this);  // nothing was agreed on: look again
}

void Arrival::onHandshakeFailed(const Error&) {
  home_.turn().graveyard.bury(std::move(handshake_));
  die();
}

template <class Connection>
void Arrival::become() {
  phase_ = Phase::Closed;
  timer_.disarm();
  auto next = std::make_unique<Connection>(home_, reception_.handler, reception_.rules, std::move(transport_));
  DownstreamConnection& served = *next;
  home_.onBecame(*this, std::move(next));  // we lie in the graveyard, with what was seen, until the turn has unwound
  if (!data_.empty()) static_cast<TransportSink&>(served).onBytes(data_);
}

void Arrival::die() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  timer_.disarm();
  if (handshake_ != nullptr) home_.turn().graveyard.bury(std::move(handshake_));
  if (transport_ != nullptr) transport_->close(Transport::CloseMode::Normal);
  home_.onClosed(*this);
}

}  // namespace outrigger::server
