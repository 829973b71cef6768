// OpenSSL's objects with owners. Inside net/ only.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

namespace outrigger::net {

template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

inline void freeNames(GENERAL_NAMES* names) {
  GENERAL_NAMES_free(names);
}

using LibraryHandle = std::unique_ptr<OSSL_LIB_CTX, FreeBy<OSSL_LIB_CTX_free>>;
using ContextHandle = std::unique_ptr<SSL_CTX, FreeBy<SSL_CTX_free>>;
using SslHandle = std::unique_ptr<SSL, FreeBy<SSL_free>>;
using SessionHandle = std::unique_ptr<SSL_SESSION, FreeBy<SSL_SESSION_free>>;
using BioHandle = std::unique_ptr<BIO, FreeBy<BIO_free>>;
using CertificateHandle = std::unique_ptr<X509, FreeBy<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using StoreHandle = std::unique_ptr<X509_STORE, FreeBy<X509_STORE_free>>;
using NamesHandle = std::unique_ptr<GENERAL_NAMES, FreeBy<freeNames>>;

}  // namespace outrigger::net
