#include "proxy/net/tls_transport.h"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <array>
#include <cstring>

#include "proxy/net/spiffe.h"

namespace outrigger::net {
namespace {

constexpr size_t kRecord = 16 * 1024;      // the most that one record carries (RFC 8446 §5.1)
constexpr size_t kMostAtOnce = 64 * 1024;  // what a sink is given in one call

// OpenSSL's texts are static.
const char* lastFlaw() {
  const unsigned long error = ERR_peek_last_error();
  const char* text = error == 0 ? nullptr : ERR_reason_error_string(error);
  ERR_clear_error();
  return text != nullptr ? text : "the handshake failed";
}

bool isIpAddress(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> octets{};
  return inet_pton(AF_INET, text.c_str(), octets.data()) == 1 || inet_pton(AF_INET6, text.c_str(), octets.data()) == 1;
}

// Whom we call, and with it whose certificate we want, unless that is told by its identity. An address is no SNI
// (RFC 6066 §3), and is compared with the addresses among the alternative names (RFC 9525 §6.4), not with the names.
bool name(SSL* ssl, const TlsClientSettings& settings) {
  const char* text = settings.serverName.c_str();
  const bool checked = settings.identities.empty();
  if (isIpAddress(settings.serverName)) {
    return !checked || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), text) == 1;
  }
  // A name is one of the alternative names, whole; the subject's is none (RFC 9525 §6.3).
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(ssl, text) == 1 && (!checked || SSL_set1_host(ssl, text) == 1);
}

}  // namespace

TlsTransport::TlsTransport(TlsEngine& engine, std::shared_ptr<TlsContext> context, std::unique_ptr<Transport> inner,
                           std::string key)
    : engine_(engine),
      context_(std::move(context)),
      inner_(std::move(inner)),
      key_(std::move(key)),
      peer_(inner_->peer()) {}

TlsTransport& TlsTransport::of(const SSL* ssl) {
  return *static_cast<TlsTransport*>(SSL_get_app_data(ssl));
}

// ---- Between OpenSSL and the inner transport

const BIO_METHOD* TlsTransport::bioMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "outrigger transport");
    BIO_meth_set_read_ex(made, bioRead);
    BIO_meth_set_write_ex(made, bioWrite);
    BIO_meth_set_ctrl(made, bioControl);
    return made;
  }();
  return method;
}

int TlsTransport::bioRead(BIO* bio, char* out, size_t size, size_t* read) {
  auto& self = *static_cast<TlsTransport*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (self.input_.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *read = std::min(size, self.input_.size());
  std::memcpy(out, self.input_.data(), *read);
  self.input_.remove_prefix(*read);
  return 1;
}

int TlsTransport::bioWrite(BIO* bio, const char* data, size_t size, size_t* written) {
  auto& self = *static_cast<TlsTransport*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  self.engine_.gathered().append(data, size);
  *written = size;
  return 1;
}

long TlsTransport::bioControl(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

void TlsTransport::flush() {
  std::string& gathered = engine_.gathered();
  if (gathered.empty()) return;
  const std::array<Bytes, 1> pieces{Bytes(gathered)};
  inner_->write(pieces);
  gathered.clear();
}

// ---- The handshake

bool TlsTransport::prepare(ShakeSink& sink) {
  shaker_ = &sink;
  ssl_ = context_->connection();
  const BIO_METHOD* method = bioMethod();
  BIO* bio = ssl_ == nullptr ? nullptr : BIO_new(method);
  if (bio == nullptr) return false;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  return true;
}

void TlsTransport::acceptFrom(Bytes already, ShakeSink& sink) {
  waiting_.assign(already);
  if (prepare(sink)) {
    SSL_set_accept_state(ssl_.get());
  } else {
    flaw_ = "out of memory";
  }
  TransportSink& self = *this;
  inner_->attach(self);
  if (!waiting_.empty()) hold();
  queue();
}

void TlsTransport::connectTo(const DialOptions& options, ShakeSink& sink) {
  if (prepare(sink)) {
    SSL* ssl = ssl_.get();
    SSL_set_connect_state(ssl);
    const TlsClientSettings& settings = context_->client();
    if (!settings.serverName.empty() && !name(ssl, settings)) flaw_ = "out of memory";
    std::string offer;
    if (options.offersHttp2) offer += "\x02h2";
    if (options.offersHttp1) offer += "\x08http/1.1";
    if (!offer.empty()) {
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(offer.data()),
                          static_cast<unsigned>(offer.size()));
    }
    if (const SessionHandle session = context_->takeSession(key_)) SSL_set_session(ssl, session.get());
  } else {
    flaw_ = "out of memory";
  }
  TransportSink& self = *this;
  inner_->attach(self);
  queue();
}

void TlsTransport::giveUpShaking() {
  flaw_ = "too many handshakes are under way";
  queue();
}

void TlsTransport::shake() {
  if (flaw_ != nullptr) return failShaking(flaw_);
  const std::string taken = std::exchange(waiting_, {});
  input_ = taken;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const int why = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
  flush();
  waiting_.assign(input_);
  input_ = {};
  if (why == SSL_ERROR_NONE) return shaken();
  if (why == SSL_ERROR_WANT_READ) return letGo();
  const char* flaw = lastFlaw();
  failShaking(flaw_ != nullptr ? flaw_ : flaw);
}

void TlsTransport::shaken() {
  if (!learnPeer()) return failShaking("the peer's certificate has expired");
  ListNode<ShakingTag>::unlink();
  engine_.count(context_->isServer(), SSL_session_reused(ssl_.get()) != 0 ? Shake::Resumed : Shake::Full);
  phase_ = Phase::Open;
  if (waiting_.empty()) {
    letGo();
  } else {
    queue();
  }
  std::exchange(shaker_, nullptr)->onShaken();  // and we may be gone
}

// False: a resumed session is that of a peer whose time is over.
bool TlsTransport::learnPeer() {
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  const Bytes chosen(reinterpret_cast<const char*>(protocol), size);
  peer_.secure = true;
  if (chosen == "h2") peer_.alpn = Alpn::Http2;
  if (chosen == "http/1.1") peer_.alpn = Alpn::Http1;
  X509* leaf = SSL_get0_peer_certificate(ssl_.get());
  if (leaf == nullptr) return true;
  if (X509_cmp_current_time(X509_get0_notAfter(leaf)) <= 0) return false;
  auto id = spiffeIdOf(leaf);
  if (id) peer_.identity = std::move(*id);
  return true;
}

void TlsTransport::failShaking(const char* why) {
  ListNode<ShakingTag>::unlink();
  HandshakeStep::unlink();
  engine_.count(context_->isServer(), Shake::Failed);
  phase_ = Phase::Over;
  inner_->close(CloseMode::Normal);
  const Origin origin = context_->isServer() ? Origin::Downstream : Origin::Upstream;
  std::exchange(shaker_, nullptr)->onShakeFailed({Reason::TlsFailed, origin, true, why});
}

// Who shakes hands waits for those before; who is served does not.
void TlsTransport::queue() {
  HandshakeStep& self = *this;
  phase_ == Phase::Shaking ? engine_.queue(self) : engine_.queueServed(self);
}

// ---- Reading

void TlsTransport::attach(TransportSink& sink) {
  sink_ = &sink;
}

void TlsTransport::onBytes(Bytes data) {
  if (peerEnded_) return;  // what comes behind close_notify means nothing
  if (phase_ == Phase::Open && waiting_.empty() && !paused_) return read(data);
  if (phase_ != Phase::Shaking && phase_ != Phase::Open) return;
  waiting_.append(data);
  hold();
  if (!paused_) queue();
}

// While octets wait here no more are read, so that they are few, and nothing overtakes them.
void TlsTransport::hold() {
  if (!std::exchange(held_, true)) inner_->pause();
}

void TlsTransport::letGo() {
  if (waiting_.empty() && !paused_ && std::exchange(held_, false)) inner_->resume();
}

void TlsTransport::onTurn() {
  switch (phase_) {
    case Phase::Shaking: return shake();
    case Phase::Open: {
      if (paused_) return;
      const std::string taken = std::exchange(waiting_, {});
      return read(taken);
    }
    case Phase::Lost:
      phase_ = Phase::Over;
      if (sink_ != nullptr) sink_->onLost(flaw_);
      return;
    case Phase::Over: return;
  }
}

// All of it is decrypted, as far as there is room for it in the buffer that lasts until the callback has settled.
void TlsTransport::read(Bytes input) {
  input_ = input;
  size_t begin = 0;
  int why = SSL_ERROR_NONE;
  while (why == SSL_ERROR_NONE && !paused_ && begin + kRecord <= TlsEngine::kPlain) {
    size_t end = begin;
    while (end + kRecord <= TlsEngine::kPlain && end - begin + kRecord <= kMostAtOnce) {
      size_t got = 0;
      ERR_clear_error();
      if (SSL_read_ex(ssl_.get(), engine_.plain() + end, kRecord, &got) != 1) {
        why = SSL_get_error(ssl_.get(), 0);
        break;
      }
      end += got;
    }
    flush();
    if (end > begin) sink_->onBytes({engine_.plain() + begin, end - begin});
    if (phase_ != Phase::Open) return;
    begin = end;
  }
  waiting_.assign(input_);
  input_ = {};
  switch (why) {
    case SSL_ERROR_NONE:  // more is there
      hold();
      if (!paused_) queue();
      return;
    case SSL_ERROR_WANT_READ: return letGo();
    case SSL_ERROR_ZERO_RETURN:
      waiting_.clear();
      letGo();
      if (!std::exchange(peerEnded_, true)) sink_->onEnd();
      return;
    default: return lose("the peer's TLS records make no sense");
  }
}

// Without close_notify nobody knows whether the peer has said all that it wanted to (RFC 8446 §6.1).
void TlsTransport::onEnd() {
  if (phase_ == Phase::Shaking) return failShaking("the peer closed in the middle of the handshake");
  if (phase_ != Phase::Open || peerEnded_) return;
  keepSession();
  lose("the peer closed without a close_notify");
}

void TlsTransport::onLost(const char* why) {
  if (phase_ == Phase::Shaking) return failShaking(why);
  if (phase_ == Phase::Open && !waiting_.empty() && !paused_) {
    const std::string taken = std::exchange(waiting_, {});
    read(taken);
  }
  if (phase_ != Phase::Open) return;
  keepSession();
  lose(why);
}

// Many peers end without close_notify. That says nothing against resuming the session (RFC 5246 §7.2.1), which OpenSSL
// would else forget.
void TlsTransport::keepSession() {
  SSL_set_shutdown(ssl_.get(), SSL_get_shutdown(ssl_.get()) | SSL_SENT_SHUTDOWN);
}

void TlsTransport::lose(const char* why) {
  phase_ = Phase::Over;
  inner_->close(CloseMode::Normal);
  sink_->onLost(why);
}

void TlsTransport::onDrained() {
  if (phase_ == Phase::Open && sink_ != nullptr) sink_->onDrained();
}

void TlsTransport::pause() {
  paused_ = true;
  hold();
}

void TlsTransport::resume() {
  paused_ = false;
  if (phase_ != Phase::Open) return;
  if (!waiting_.empty() || SSL_has_pending(ssl_.get()) != 0) queue();
  letGo();
}

// ---- Writing

// Small pieces share a record: each costs a header, a tag and a pass of the cipher.
void TlsTransport::write(std::span<const Bytes> pieces) {
  if (phase_ != Phase::Open) return;
  size_t total = 0;
  for (const Bytes piece : pieces) total += piece.size();
  if (pieces.size() > 1 && total <= kRecord) {
    std::array<char, kRecord> record;
    size_t at = 0;
    for (const Bytes piece : pieces) {
      if (!piece.empty()) std::memcpy(record.data() + at, piece.data(), piece.size());
      at += piece.size();
    }
    writeRecords({record.data(), total});
  } else {
    for (const Bytes piece : pieces) writeRecords(piece);
  }
  flush();
}

void TlsTransport::writeRecords(Bytes data) {
  while (!data.empty() && phase_ == Phase::Open) {
    size_t written = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), data.data(), data.size(), &written) != 1) {
      flaw_ = "nothing can be sent on this TLS connection any more";
      phase_ = Phase::Lost;
      return queue();
    }
    data.remove_prefix(written);
  }
}

void TlsTransport::shutdown() {
  if (phase_ != Phase::Open) return;
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  flush();
  inner_->shutdown();
}

void TlsTransport::close(CloseMode mode) {
  ListNode<ShakingTag>::unlink();
  HandshakeStep::unlink();
  if (phase_ == Phase::Over) return;
  if (phase_ == Phase::Open && mode == CloseMode::Normal) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    flush();
  }
  if (phase_ == Phase::Open) keepSession();
  phase_ = Phase::Over;
  inner_->close(mode);
}

bool TlsTransport::stillTrusted(const std::shared_ptr<const TlsServerSettings>& settings) {
  const auto context = engine_.contextFor(settings);
  return phase_ != Phase::Open || context == nullptr || context->stillTrusts(ssl_.get());
}

Transport::PeerState TlsTransport::probe() {
  if (phase_ != Phase::Open) return PeerState::Broken;
  if (peerEnded_ || !waiting_.empty()) return PeerState::Spoken;
  return inner_->probe();
}

}  // namespace outrigger::net
