#include "proxy/server/arrival.h"

#include "proxy/exchange/destination.h"
#include "proxy/server/h1_downstream.h"
#include "proxy/server/h2_downstream.h"
#include "proxy/server/tcp_downstream.h"
#include "proxy/server/told_transport.h"
#include "proxy/wire/proxy_protocol.h"

namespace outrigger::server {
namespace {

using wire::Verdict;

constexpr char kTlsHandshake = 0x16;  // RFC 8446 §5.1: the content type of a record that holds a ClientHello

// A caller who has said nothing for so long may wait for the endpoint to speak first.
constexpr Duration kSilence = 50ms;

bool isConnect(Bytes first) {
  return first.substr(first.find_first_not_of("\r\n")).starts_with("CONNECT ");
}

}  // namespace

Arrival::Arrival(DownstreamHome& home, Receptionist& receptionist, const ServingRules& rules,
                 std::unique_ptr<Transport> transport)
    : home_(home), receptionist_(receptionist), rules_(rules), transport_(std::move(transport)) {}

void Arrival::begin() {
  if (settings().proxyHeader) {
    phase_ = Phase::Introduced;
    deadline_ = after(home_.turn().now, rules_.headTimeout);
    home_.turn().timers.arm(timer_, deadline_);
    return transport_->attach(*this);
  }
  transport_->attach(*this);
  awaitFirst();
}

// Nothing has been said yet.
void Arrival::awaitFirst() {
  phase_ = Phase::Looking;
  if (settings().protocol == Protocol::Tcp && !takesTls() && takesTcp()) {
    becomeTunnel(Detection::Tcp);
    return;
  }
  Turn& turn = home_.turn();
  deadline_ = after(turn.now, rules_.keepAlive.value_or(kLongestSetting));
  turn.timers.arm(timer_, mayBeServerFirst() ? std::min(deadline_, turn.now + kSilence) : deadline_);
}

bool Arrival::mayBeServerFirst() const {
  if (phase_ != Phase::Looking) return false;
  const bool mustBeTls = takesTls() && settings().tlsOnly;
  return takesTcp() && !mustBeTls;
}

void Arrival::closeIfIdle() {
  if (phase_ == Phase::Looking && seen_.empty()) die();
}

void Arrival::onBytes(Bytes data) {
  if (phase_ != Phase::Looking && phase_ != Phase::Introduced) return;
  if (seen_.empty()) {
    if (phase_ == Phase::Looking) deadline_ = after(home_.turn().now, rules_.headTimeout);
    home_.turn().timers.arm(timer_, deadline_);
    data_ = data;
  } else {
    seen_.append(data);
    data_ = seen_;
  }
  if (phase_ == Phase::Introduced && !takeIntroduction()) return;
  look();
}

// True if there are octets behind the header.
bool Arrival::takeIntroduction() {
  const auto read = wire::readProxyHeader(data_);
  if (!read) {
    refuse();
    return false;
  }
  if (!*read) {
    wait();
    return false;
  }
  const auto& [header, size] = **read;
  if (!header.local) transport_ = std::make_unique<ToldTransport>(std::move(transport_), header.source);
  data_.remove_prefix(size);
  if (data_.empty()) {
    seen_.clear();
    awaitFirst();
    return false;
  }
  phase_ = Phase::Looking;
  deadline_ = after(home_.turn().now, rules_.headTimeout);
  home_.turn().timers.arm(timer_, deadline_);
  return true;
}

void Arrival::look() {
  const Verdict verdict = wire::detect(data_);
  if (takesTls()) {
    if (verdict == Verdict::Tls) return secure();
    if (verdict == Verdict::More && data_.front() == kTlsHandshake) return wait();
    if (settings().tlsOnly) return lookForProbe(verdict);
  }
  judge(verdict);
}

// Whoever probes the app's health speaks HTTP/1 and no TLS.
void Arrival::lookForProbe(Verdict verdict) {
  if (!settings().plainProbes || !wire::mayBeginRequest(data_.front())) return refuse();
  if (verdict == Verdict::More) return wait();
  if (verdict != Verdict::Http1) return refuse();
  become<H1Downstream>(Detection::Http1);
}

void Arrival::judge(Verdict verdict) {
  const bool toTcp = takesTcp();
  if (toTcp && settings().protocol == Protocol::Tcp) verdict = Verdict::Tcp;
  switch (verdict) {
    case Verdict::More:
      // Where there is nothing but HTTP, only the two versions of it are to be told apart.
      if (toTcp || wire::mayBeginPreface(data_)) return wait();
      return become<H1Downstream>(wire::mayBeginRequest(data_.front()) ? Detection::Http1 : Detection::Refused);
    case Verdict::Http1:
      // On its way to a proxy: what follows is between the two.
      if (toTcp && isConnect(data_) && exchange::isRedirected(peer())) break;
      return become<H1Downstream>(Detection::Http1);
    case Verdict::Http2: return become<H2Downstream>(Detection::Http2);
    case Verdict::Tls:
    case Verdict::Tcp: break;
  }
  if (toTcp) {
    becomeTunnel(verdict == Verdict::Tls ? Detection::Tls : Detection::Tcp);
  } else {  // its codec takes more than we know of, and answers the rest with 400
    become<H1Downstream>(wire::mayBeginRequest(data_.front()) ? Detection::Http1 : Detection::Refused);
  }
}

// What was read is valid during the callback only.
void Arrival::wait() {
  if (seen_.empty() || data_.size() != seen_.size()) seen_ = std::string(data_);
}

void Arrival::onEnd() {
  const bool said = phase_ == Phase::Looking && !seen_.empty();
  const bool mustBeTls = takesTls() && settings().tlsOnly;
  if (!said || mustBeTls || !takesTcp()) return die();
  data_ = seen_;  // too little for anything else
  if (DownstreamConnection* tunnel = becomeTunnel(Detection::Tcp)) static_cast<TransportSink&>(*tunnel).onEnd();
}

// ---- TLS

void Arrival::secure() {
  receptionist_.onDetected(Detection::Tls);
  dropSpare();
  phase_ = Phase::Shaking;
  HandshakeSink& self = *this;
  tls_ = settings().tls;
  handshake_ = home_.tls()->accept(std::move(transport_), data_, tls_, self);
}

void Arrival::onSecured(std::unique_ptr<Transport> transport) {
  home_.turn().graveyard.bury(std::move(handshake_));
  transport_ = std::move(transport);
  secured_ = true;
  phase_ = Phase::Looking;
  seen_.clear();
  data_ = {};
  const auto& now = settings().tls;  // others than it was received under, if there was a reload meanwhile
  if (now != nullptr && now != tls_ && !transport_->stillTrusted(now)) return die();
  const bool raw = settings().protocol == Protocol::Tcp && takesTcp();
  if (!raw && transport_->peer().alpn == Alpn::Http2) return become<H2Downstream>(Detection::Http2);
  if (!raw && transport_->peer().alpn == Alpn::Http1) return become<H1Downstream>(Detection::Http1);
  transport_->attach(*this);  // nothing was agreed on: look again
  awaitFirst();
}

void Arrival::onHandshakeFailed(const Error&) {
  home_.turn().graveyard.bury(std::move(handshake_));
  die();
}

// ---- The endpoint may speak first

void Arrival::openSpare() {
  spare_ = receptionist_.makeTunnel(peer());
  if (spare_ == nullptr) return refuse();
  receptionist_.spares().add(*this);
  exchange::TunnelCaller& self = *this;
  spare_->open(self, true);
}

// It may be the one who calls.
void Arrival::dropSpare() {
  SpareHolder::unlink();
  if (spare_ == nullptr) return;
  auto spare = std::move(spare_);
  spare->cut(Reason::ClientClosed);
  home_.turn().graveyard.bury(std::move(spare));
}

void Arrival::send(Bytes data) {
  data_ = seen_;  // too little to know what it is, and now it is known otherwise
  DownstreamConnection* tunnel = becomeTunnel(Detection::ServerFirst);  // not refused: it is there
  static_cast<TcpDownstream&>(*tunnel).send(data);
}

std::string Arrival::introduction(policy::ProxyProtocol version, const Address& to) const {
  return proxyHeader(version, peer(), to);
}

// ---- The end

// We lie in the graveyard from here on, with what was seen, until the turn has unwound.
template <class Connection>
void Arrival::become(Detection verdict) {
  receptionist_.onDetected(verdict);
  dropSpare();
  phase_ = Phase::Closed;
  timer_.disarm();
  auto next = std::make_unique<Connection>(home_, receptionist_.requests(), rules_, std::move(transport_));
  DownstreamConnection& served = *next;
  home_.onBecame(*this, std::move(next));
  if (!data_.empty()) static_cast<TransportSink&>(served).onBytes(data_);
}

DownstreamConnection* Arrival::becomeTunnel(Detection verdict) {
  const bool fresh = spare_ == nullptr;
  if (fresh) spare_ = receptionist_.makeTunnel(peer());
  if (spare_ == nullptr) {
    refuse();
    return nullptr;
  }
  receptionist_.onDetected(verdict);
  SpareHolder::unlink();
  phase_ = Phase::Closed;
  timer_.disarm();
  auto next = std::make_unique<TcpDownstream>(home_, std::move(transport_), std::move(spare_));
  TcpDownstream& served = *next;
  home_.onBecame(*this, std::move(next));
  served.begin(fresh, data_);
  return &served;
}

void Arrival::refuse() {
  receptionist_.onDetected(Detection::Refused);
  die();
}

void Arrival::die() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  timer_.disarm();
  dropSpare();
  handshake_.reset();  // not buried: it would still be told how it ends
  if (transport_ != nullptr) transport_->close(Transport::CloseMode::Normal);
  home_.onClosed(*this);
}

void Arrival::onTimer() {
  if (home_.turn().now < deadline_) {
    if (mayBeServerFirst()) openSpare();  // a reload may have changed that
    if (phase_ == Phase::Closed) return;
    if (phase_ == Phase::Looking) home_.turn().timers.arm(timer_, deadline_);
    return;
  }
  // A connection that was opened and never used is nothing to talk about; one that began and did not go on is.
  if (phase_ == Phase::Introduced || !seen_.empty()) return refuse();
  die();
}

}  // namespace outrigger::server
