// PEM texts as certificate, key and authorities: whatever they hold, they are taken or refused with a sentence, and an
// identity that is found obeys the rules. The input is cut at lines of three dashes into those three.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "proxy/net/spiffe.h"
#include "proxy/net/tls_context.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace outrigger;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t first = text.find("\n---\n");
  const size_t second = first == std::string::npos ? first : text.find("\n---\n", first + 1);
  TlsMaterial material;
  material.certificate = text.substr(0, first);
  if (first != std::string::npos) material.key = text.substr(first + 5, second - first - 5);
  if (second != std::string::npos) material.trust = text.substr(second + 5);
  // While the certificates among the seeds were valid.
  const auto facts = net::examine(material, WallTime(std::chrono::seconds(1795824000)));
  if (!facts && facts.error().text.empty()) std::abort();
  const bool named = facts && facts->certificate && !facts->certificate->identity.empty();
  if (named && !net::isSpiffeId(facts->certificate->identity)) std::abort();
  return 0;
}
