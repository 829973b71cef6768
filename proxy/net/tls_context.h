// What connections with the same settings share: OpenSSL's context, made from PEM texts, and the sessions that they can
// resume. One loop's; made in that loop's own OpenSSL library context, so that loops share no locks and no counts.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/time.h"
#include "proxy/base/tls.h"
#include "proxy/net/tls_handles.h"

namespace outrigger::net {

/// A part of the material that is of no use, and why.
struct TlsFlaw {
  enum class Part : uint8_t { Certificate, Key, Trust };
  Part part = Part::Certificate;
  std::string text;  ///< a sentence without a full stop
};

class TlsContext {
 public:
  static std::expected<std::shared_ptr<TlsContext>, TlsFlaw> forServer(
      OSSL_LIB_CTX* library, const std::shared_ptr<const TlsServerSettings>& settings);
  static std::expected<std::shared_ptr<TlsContext>, TlsFlaw> forClient(
      OSSL_LIB_CTX* library, const std::shared_ptr<const TlsClientSettings>& settings);

  /// A new connection of this kind; nullptr: out of memory.
  SslHandle connection() const { return SslHandle(SSL_new(context_.get())); }

  /// Whether the leaf, whose chain was verified up to `root`, is one that we speak to, and its identity. The error is a
  /// static text.
  std::expected<std::string, const char*> admit(X509* leaf, X509* root) const;

  /// The chain of a peer of ours, judged by this context's authorities.
  bool stillTrusts(SSL* peer) const;

  bool isServer() const { return !client_; }
  const TlsClientSettings& client() const { return *client_; }

  // Sessions of the client's side, by whatever tells the endpoints apart.

  void keepSession(const std::string& key, SessionHandle session);
  /// One to be resumed, once; nullptr: there is none.
  SessionHandle takeSession(const std::string& key);

 private:
  static constexpr size_t kMostSessionKeys = 1024;
  static constexpr size_t kSessionsOfAKey = 4;

  explicit TlsContext(ContextHandle context) : context_(std::move(context)) {}

  ContextHandle context_;
  std::optional<TlsClientSettings> client_;  // without the material, whose end is the context's; nullopt: a server's
  std::string ownDomain_;                    // of our certificate; empty: it names none
  std::map<std::string, std::vector<SessionHandle>> sessions_;
};

/// What a certificate says of itself.
struct CertificateFacts {
  WallTime notAfter{};
  std::string identity{};  ///< SPIFFE ID; empty: none
};

/// Checks material on the control thread as a loop would take it; also dates. `certificate` and `trust` are what was
/// found: nullopt where there is none.
struct MaterialFacts {
  std::optional<CertificateFacts> certificate;
  std::optional<CertificateFacts> trust;  ///< the authority that expires first
};
std::expected<MaterialFacts, TlsFlaw> examine(const TlsMaterial& material, WallTime now);

/// From when to when each certificate of a PEM text is valid, in the text's order, whatever time it is now.
struct CertificateDates {
  WallTime notBefore{};
  WallTime notAfter{};
};
std::expected<std::vector<CertificateDates>, TlsFlaw> certificateDates(const std::string& pem);

}  // namespace outrigger::net
