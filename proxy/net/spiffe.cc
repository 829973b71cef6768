#include "proxy/net/spiffe.h"

#include "proxy/base/spiffe_id.h"
#include "proxy/net/tls_handles.h"

namespace outrigger::net {
namespace {

struct Uris {
  int count = 0;
  std::string last{};
};

Uris urisOf(X509* certificate) {
  Uris found;
  const NamesHandle names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    ++found.count;
    found.last.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return found;
}

}  // namespace

bool isSpiffeId(Bytes text) {
  if (text.size() > kLongestSpiffeId || !text.starts_with(kSpiffeScheme)) return false;
  const Bytes domain = trustDomainOf(text);
  return isTrustDomain(domain) && isSpiffePath(text.substr(kSpiffeScheme.size() + domain.size()));
}

Bytes trustDomainOf(Bytes id) {
  if (!id.starts_with(kSpiffeScheme)) return {};
  id.remove_prefix(kSpiffeScheme.size());
  return id.substr(0, id.find('/'));
}

std::expected<std::string, const char*> spiffeIdOf(X509* leaf) {
  const Uris uris = urisOf(leaf);
  if (uris.count == 0) return std::string();
  if (uris.count > 1) return std::unexpected("the peer's certificate has more than one URI among its names");
  if (!isSpiffeId(uris.last) || trustDomainOf(uris.last).size() + kSpiffeScheme.size() == uris.last.size()) {
    return std::unexpected("the URI in the peer's certificate is no SPIFFE ID of a workload");
  }
  if ((X509_get_extension_flags(leaf) & EXFLAG_CA) != 0)
    return std::unexpected("the peer's certificate is that of an authority");
  const uint32_t usage = X509_get_key_usage(leaf);  // all bits where the certificate says nothing
  if ((X509_get_extension_flags(leaf) & EXFLAG_KUSAGE) == 0 || (usage & KU_DIGITAL_SIGNATURE) == 0) {
    return std::unexpected("the peer's certificate is not made for digital signatures");
  }
  if ((usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) != 0) {
    return std::unexpected("the peer's certificate may sign others");
  }
  return uris.last;
}

std::string trustDomainOfAuthority(X509* authority) {
  const Uris uris = urisOf(authority);
  return uris.count == 1 && isSpiffeId(uris.last) ? std::string(trustDomainOf(uris.last)) : std::string();
}

}  // namespace outrigger::net
