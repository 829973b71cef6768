// The plain functions are deprecated in favour of EVP, which would load a provider and a configuration file: a megabyte
// of a process that may never use TLS.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "proxy/net/digest.h"

#include <openssl/sha.h>

#include <array>

namespace outrigger::net {

std::string sha256Hex(Bytes text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(digest.data(), &context);
  static constexpr Bytes kHex = "0123456789abcdef";
  std::string hex;
  for (const unsigned char octet : digest) {
    hex += kHex[octet >> 4];
    hex += kHex[octet & 15];
  }
  return hex;
}

}  // namespace outrigger::net
