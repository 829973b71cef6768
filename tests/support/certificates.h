// Certificates for tests, made anew in memory by OpenSSL: an authority, and leaves that are as right or wrong as asked.
#pragma once

#include <string>
#include <vector>

#include "proxy/base/tls.h"
#include "proxy/net/tls_handles.h"

namespace outrigger::test {

/// What a leaf says of itself; by default what a workload's should.
struct LeafWishes {
  std::vector<std::string> names{"URI:spiffe://shop.example/ns/shop/sa/cart", "DNS:cart.shop"};
  std::string keyUsage = "critical,digitalSignature";  ///< empty: none is named
  std::string extendedKeyUsage = "serverAuth,clientAuth";
  std::string constraints = "critical,CA:FALSE";
  int days = 7;  ///< until it expires; negative: it has
};

class TestAuthority {
 public:
  /// `domain`: the trust domain that its certificate names; empty: none.
  explicit TestAuthority(const std::string& domain = "");

  const std::string& certificate() const { return pem_; }
  /// Leaf, key, and this authority as trust.
  TlsMaterial leaf(const LeafWishes& wishes = {}) const;
  net::CertificateHandle leafCertificate(const LeafWishes& wishes = {}) const;

 private:
  net::CertificateHandle sign(EVP_PKEY* key, const LeafWishes& wishes) const;

  net::KeyHandle key_;
  net::CertificateHandle certificate_;
  std::string pem_;
};

}  // namespace outrigger::test
