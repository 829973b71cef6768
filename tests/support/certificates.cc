#include "tests/support/certificates.h"

#include <openssl/pem.h>

#include <stdexcept>

namespace outrigger::test {
namespace {

net::KeyHandle makeKey() {
  return net::KeyHandle(EVP_EC_gen("P-256"));
}

net::CertificateHandle blank(EVP_PKEY* key, const char* name, int days) {
  net::CertificateHandle made(X509_new());
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), reinterpret_cast<uintptr_t>(made.get()) >> 4U);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -30L * 86400);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), days * 86400L);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_pubkey(made.get(), key);
  return made;
}

void extend(X509* certificate, int what, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  if (made == nullptr) throw std::runtime_error("no such extension: " + value);
  X509_add_ext(certificate, made, -1);
  X509_EXTENSION_free(made);
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ",") + name;
  return all;
}

template <class Write>
std::string pemOf(Write&& write) {
  const net::BioHandle bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace

TestAuthority::TestAuthority(const std::string& domain) : key_(makeKey()) {
  certificate_ = blank(key_.get(), ("authority " + domain).c_str(), 365);
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  if (!domain.empty()) extend(certificate_.get(), NID_subject_alt_name, "URI:spiffe://" + domain);
  X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  pem_ = pemOf([this](BIO* bio) { PEM_write_bio_X509(bio, certificate_.get()); });
}

net::CertificateHandle TestAuthority::sign(EVP_PKEY* key, const LeafWishes& wishes) const {
  net::CertificateHandle made = blank(key, "leaf", wishes.days);
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  extend(made.get(), NID_basic_constraints, wishes.constraints);
  extend(made.get(), NID_key_usage, wishes.keyUsage);
  extend(made.get(), NID_ext_key_usage, wishes.extendedKeyUsage);
  extend(made.get(), NID_subject_alt_name, joined(wishes.names));
  X509_sign(made.get(), key_.get(), EVP_sha256());
  return made;
}

net::CertificateHandle TestAuthority::leafCertificate(const LeafWishes& wishes) const {
  return sign(makeKey().get(), wishes);
}

TlsMaterial TestAuthority::leaf(const LeafWishes& wishes) const {
  const net::KeyHandle key = makeKey();
  const net::CertificateHandle made = sign(key.get(), wishes);
  TlsMaterial material;
  material.certificate = pemOf([&](BIO* bio) { PEM_write_bio_X509(bio, made.get()); });
  material.key =
      pemOf([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  material.trust = pem_;
  return material;
}

}  // namespace outrigger::test
