// The server that calls go to, and what is shown to it and asked of it: the authorities that its certificate is
// verified against, and our token. Both come from files that others replace while we run (a projected service-account
// volume), so they are read anew when they are needed. The control thread only.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "proxy/base/address.h"
#include "proxy/base/time.h"
#include "proxy/base/tls.h"

namespace outrigger::control::outcall {

struct Peer {
  Address address;
  /// A DNS name or an IP address without brackets; named by Host and, with TLS, by the certificate.
  std::string host;
  std::string trustFile{};  ///< PEM; empty: no TLS
  std::string tokenFile{};  ///< bearer token; empty: none

  /// host:port, as Host and messages have it.
  std::string authority() const;
};

class Credentials {
 public:
  Credentials(std::string host, std::string trustFile, std::string tokenFile)
      : host_(std::move(host)), trustFile_(std::move(trustFile)), tokenFile_(std::move(tokenFile)) {}

  /// For a new connection; nullptr: without TLS. The settings stay the same object as long as the file does. A file
  /// that went bad is passed over while there is a good version of it. The error is a sentence.
  std::expected<std::shared_ptr<const TlsClientSettings>, std::string> tls(WallTime now);

  /// As it stands in the file now; empty: none is wanted. A bad file is passed over likewise.
  std::expected<std::string, std::string> token();

  bool hasToken() const { return !tokenFile_.empty(); }

 private:
  const std::string host_;
  const std::string trustFile_;
  const std::string tokenFile_;
  std::string lastToken_;
  std::shared_ptr<const TlsClientSettings> settings_;
};

}  // namespace outrigger::control::outcall
