#include "proxy/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "proxy/net/spiffe.h"
#include "proxy/net/tls_transport.h"

namespace outrigger::net {
namespace {

using Part = TlsFlaw::Part;

// Forward secrecy and authenticated encryption only. TLS 1.3 has nothing else; this is for 1.2.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr long kSessionSeconds = 3600;
constexpr long kServerSessions = 8192;
constexpr int kLongestChain = 8;

std::unexpected<TlsFlaw> flaw(Part part, std::string text) {
  ERR_clear_error();
  return std::unexpected(TlsFlaw{part, std::move(text)});
}

BioHandle readingFrom(const std::string& text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int noPassword(char*, int, int, void*) {
  return 0;
}

// All certificates of a PEM text; what is no certificate is skipped.
std::expected<std::vector<CertificateHandle>, TlsFlaw> readCertificates(OSSL_LIB_CTX* library, const std::string& text,
                                                                        Part part) {
  std::vector<CertificateHandle> all;
  const BioHandle bio = readingFrom(text);
  for (;;) {
    X509* fresh = X509_new_ex(library, nullptr);
    if (PEM_read_bio_X509(bio.get(), &fresh, nullptr, nullptr) == nullptr) {
      X509_free(fresh);
      break;
    }
    all.emplace_back(fresh);
  }
  const bool atEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!atEnd) return flaw(part, "certificate " + std::to_string(all.size() + 1) + " in it is damaged");
  if (all.empty()) return flaw(part, "there is no PEM certificate in it");
  return all;
}

std::expected<void, TlsFlaw> useIdentity(SSL_CTX* context, OSSL_LIB_CTX* library, const TlsMaterial& material) {
  auto chain = readCertificates(library, material.certificate, Part::Certificate);
  if (!chain) return std::unexpected(chain.error());
  if (SSL_CTX_use_certificate(context, chain->front().get()) != 1) {
    return flaw(Part::Certificate, "its key is of a kind, or too short, for TLS");
  }
  for (size_t i = 1; i < chain->size(); ++i) {
    if (X509_NAME_cmp(X509_get_issuer_name((*chain)[i - 1].get()), X509_get_subject_name((*chain)[i].get())) != 0) {
      return flaw(Part::Certificate, "certificate " + std::to_string(i + 1) + " did not issue the one before it");
    }
    if (SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) != 1) {
      return flaw(Part::Certificate, "certificate " + std::to_string(i + 1) + " in it is too weak for TLS");
    }
  }
  const KeyHandle key(
      PEM_read_bio_PrivateKey_ex(readingFrom(material.key).get(), nullptr, noPassword, nullptr, library, nullptr));
  if (key == nullptr) return flaw(Part::Key, "there is no PEM private key without a password in it");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return flaw(Part::Key, "it does not belong to the certificate");
  }
  return {};
}

std::expected<void, TlsFlaw> useTrust(SSL_CTX* context, OSSL_LIB_CTX* library, const TlsMaterial& material) {
  const auto roots = readCertificates(library, material.trust, Part::Trust);
  if (!roots) return std::unexpected(roots.error());
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const CertificateHandle& root : *roots) {
    if (X509_check_ca(root.get()) == 0) return flaw(Part::Trust, "a certificate in it is not that of an authority");
    X509_STORE_add_cert(store, root.get());
  }
  // A bundle may hold an authority between a root and the leaves.
  X509_VERIFY_PARAM_set_flags(X509_STORE_get0_param(store), X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

std::expected<ContextHandle, TlsFlaw> makeContext(OSSL_LIB_CTX* library) {
  ContextHandle made(SSL_CTX_new_ex(library, nullptr, TLS_method()));
  if (made == nullptr) return flaw(Part::Certificate, "OpenSSL cannot be set up");
  SSL_CTX* context = made.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set1_groups_list(context, kGroups);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify_depth(context, kLongestChain);
  SSL_CTX_set_timeout(context, kSessionSeconds);
  return made;
}

// Sessions are resumed only under the certificate, the authorities and the rules that they were made under.
void bindSessions(SSL_CTX* context, const TlsServerSettings& settings) {
  const std::string bound =
      settings.material->certificate + settings.material->trust + std::to_string(static_cast<int>(settings.clients));
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bound.data()), bound.size(), digest.data());
  SSL_CTX_set_session_id_context(context, digest.data(), digest.size());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(context, kServerSessions);
  SSL_CTX_set_num_tickets(context, 1);
}

// What we speak, ours before theirs: HTTP/2, then HTTP/1.1 (RFC 7301 §3.2).
int chooseProtocol(SSL*, const unsigned char** out, unsigned char* outSize, const unsigned char* in, unsigned inSize,
                   void*) {
  for (const Bytes wanted : {Bytes("h2"), Bytes("http/1.1")}) {
    for (unsigned at = 0; at < inSize; at += 1U + in[at]) {
      if (at + 1U + in[at] > inSize) return SSL_TLSEXT_ERR_ALERT_FATAL;
      if (Bytes(reinterpret_cast<const char*>(in + at + 1), in[at]) != wanted) continue;
      *out = in + at + 1;
      *outSize = in[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// The last step of verification: who is it?
int judgePeer(int verified, X509_STORE_CTX* chain) {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  TlsTransport& transport = TlsTransport::of(ssl);
  if (verified != 1) {
    transport.noteFlaw(X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain)));
    return 0;
  }
  if (X509_STORE_CTX_get_error_depth(chain) != 0) return 1;
  STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(chain);
  const auto admitted = transport.context().admit(sk_X509_value(path, 0), sk_X509_value(path, sk_X509_num(path) - 1));
  if (admitted) return 1;
  transport.noteFlaw(admitted.error());
  X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

int keepNewSession(SSL* ssl, SSL_SESSION* session) {
  TlsTransport& transport = TlsTransport::of(ssl);
  transport.context().keepSession(transport.sessionKey(), SessionHandle(session));
  return 1;  // it is ours now
}

std::string ownDomain(SSL_CTX* context) {
  X509* own = SSL_CTX_get0_certificate(context);
  if (own == nullptr) return {};
  const auto id = spiffeIdOf(own);
  return id ? std::string(trustDomainOf(*id)) : std::string();
}

}  // namespace

std::expected<std::shared_ptr<TlsContext>, TlsFlaw> TlsContext::forServer(
    OSSL_LIB_CTX* library, const std::shared_ptr<const TlsServerSettings>& settings) {
  auto made = makeContext(library);
  if (!made) return std::unexpected(made.error());
  SSL_CTX* context = made->get();
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nullptr);
  if (auto ok = useIdentity(context, library, *settings->material); !ok) return std::unexpected(ok.error());
  using Clients = TlsServerSettings::Clients;
  if (settings->clients != Clients::Ignored) {
    if (auto ok = useTrust(context, library, *settings->material); !ok) return std::unexpected(ok.error());
    const int must = settings->clients == Clients::Required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | must, judgePeer);
  }
  bindSessions(context, *settings);
  std::shared_ptr<TlsContext> whole(new TlsContext(std::move(*made)));
  whole->ownDomain_ = ownDomain(context);
  return whole;
}

std::expected<std::shared_ptr<TlsContext>, TlsFlaw> TlsContext::forClient(
    OSSL_LIB_CTX* library, const std::shared_ptr<const TlsClientSettings>& settings) {
  auto made = makeContext(library);
  if (!made) return std::unexpected(made.error());
  SSL_CTX* context = made->get();
  if (!settings->material->certificate.empty()) {
    if (auto ok = useIdentity(context, library, *settings->material); !ok) return std::unexpected(ok.error());
  }
  if (auto ok = useTrust(context, library, *settings->material); !ok) return std::unexpected(ok.error());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, judgePeer);
  SSL_CTX_clear_options(context, SSL_OP_NO_TICKET);  // what the server gives us to resume with is its choice
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keepNewSession);
  std::shared_ptr<TlsContext> whole(new TlsContext(std::move(*made)));
  whole->ownDomain_ = ownDomain(context);
  whole->client_ = *settings;
  whole->client_->material.reset();
  return whole;
}

std::expected<std::string, const char*> TlsContext::admit(X509* leaf, X509* root) const {
  auto id = spiffeIdOf(leaf);
  if (!id) return id;
  if (!id->empty()) {
    // An authority speaks for the trust domain that it names; one that names none speaks for our own.
    const std::string named = trustDomainOfAuthority(root);
    const std::string& domain = named.empty() ? ownDomain_ : named;
    if (!domain.empty() && trustDomainOf(*id) != domain) {
      return std::unexpected("the peer's authority does not speak for its trust domain");
    }
  }
  if (client_ && !client_->identities.empty() && std::ranges::count(client_->identities, *id) == 0) {
    return std::unexpected("the peer has another identity than the upstream may have");
  }
  return id;
}

bool TlsContext::stillTrusts(SSL* peer) const {
  X509* leaf = SSL_get0_peer_certificate(peer);
  if (leaf == nullptr) return (SSL_CTX_get_verify_mode(context_.get()) & SSL_VERIFY_FAIL_IF_NO_PEER_CERT) == 0;
  const std::unique_ptr<X509_STORE_CTX, FreeBy<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  X509_STORE* store = SSL_CTX_get_cert_store(context_.get());
  if (X509_STORE_CTX_init(check.get(), store, leaf, SSL_get_peer_cert_chain(peer)) != 1) return false;
  X509_STORE_CTX_set_purpose(check.get(), isServer() ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER);
  if (X509_verify_cert(check.get()) != 1) return false;
  STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(check.get());
  return admit(leaf, sk_X509_value(path, sk_X509_num(path) - 1)).has_value();
}

void TlsContext::keepSession(const std::string& key, SessionHandle session) {
  if (sessions_.size() >= kMostSessionKeys && !sessions_.contains(key)) sessions_.erase(sessions_.begin());
  std::vector<SessionHandle>& kept = sessions_[key];
  if (kept.size() == kSessionsOfAKey) kept.erase(kept.begin());
  kept.push_back(std::move(session));
}

// Used once: a session of TLS 1.3 that is used again lets an onlooker connect the two (RFC 8446 §C.4).
SessionHandle TlsContext::takeSession(const std::string& key) {
  const auto at = sessions_.find(key);
  if (at == sessions_.end()) return nullptr;
  SessionHandle newest = std::move(at->second.back());
  at->second.pop_back();
  if (at->second.empty()) sessions_.erase(at);
  return newest;
}

// ---- On the control thread

namespace {

WallTime instantOf(const ASN1_TIME* time) {
  tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  using namespace std::chrono;
  const auto day = sys_days(year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday);
  return WallTime(day.time_since_epoch() + hours(parts.tm_hour) + minutes(parts.tm_min) +
                  std::chrono::seconds(parts.tm_sec));
}

std::string dateText(WallTime time) {
  const std::chrono::sys_days date(std::chrono::floor<std::chrono::days>(time.time_since_epoch()));
  const std::chrono::year_month_day day(date);
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(day.year())) + "-" + two(static_cast<unsigned>(day.month())) + "-" +
         two(static_cast<unsigned>(day.day()));
}

std::expected<CertificateFacts, TlsFlaw> factsOf(X509* certificate, WallTime now, Part part) {
  const WallTime begins = instantOf(X509_get0_notBefore(certificate));
  CertificateFacts facts{.notAfter = instantOf(X509_get0_notAfter(certificate))};
  if (facts.notAfter <= now) return flaw(part, "it has expired on " + dateText(facts.notAfter));
  if (begins > now) return flaw(part, "it is not valid before " + dateText(begins));
  return facts;
}

}  // namespace

std::expected<MaterialFacts, TlsFlaw> examine(const TlsMaterial& material, WallTime now) {
  const LibraryHandle library(OSSL_LIB_CTX_new());
  auto context = makeContext(library.get());
  if (!context) return std::unexpected(context.error());
  MaterialFacts facts;
  if (!material.certificate.empty()) {
    if (auto ok = useIdentity(context->get(), library.get(), material); !ok) return std::unexpected(ok.error());
    X509* leaf = SSL_CTX_get0_certificate(context->get());
    auto found = factsOf(leaf, now, Part::Certificate);
    if (!found) return std::unexpected(found.error());
    auto id = spiffeIdOf(leaf);
    if (!id) return flaw(Part::Certificate, std::string("others would refuse it: ") + id.error());
    found->identity = *id;
    facts.certificate = *found;
  }
  if (material.trust.empty()) return facts;
  if (auto ok = useTrust(context->get(), library.get(), material); !ok) return std::unexpected(ok.error());
  const auto roots = readCertificates(library.get(), material.trust, Part::Trust);
  std::optional<TlsFlaw> expired;
  for (const CertificateHandle& root : *roots) {
    const auto found = factsOf(root.get(), now, Part::Trust);
    if (!found) {
      expired = found.error();  // of no harm beside others: an old root on its way out
    } else if (!facts.trust || found->notAfter < facts.trust->notAfter) {
      facts.trust = *found;
    }
  }
  if (!facts.trust) return std::unexpected(*expired);
  return facts;
}

std::expected<std::vector<CertificateDates>, TlsFlaw> certificateDates(const std::string& pem) {
  const LibraryHandle library(OSSL_LIB_CTX_new());
  const auto certificates = readCertificates(library.get(), pem, Part::Certificate);
  if (!certificates) return std::unexpected(certificates.error());
  std::vector<CertificateDates> all;
  for (const CertificateHandle& one : *certificates) {
    all.push_back({instantOf(X509_get0_notBefore(one.get())), instantOf(X509_get0_notAfter(one.get()))});
  }
  return all;
}

}  // namespace outrigger::net
