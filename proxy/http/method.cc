#include "proxy/http/method.h"

#include <array>

namespace outrigger::http {
namespace {

constexpr std::array<Bytes, 10> kNames{"GET",     "HEAD",  "POST",  "PUT",     "DELETE",
                                       "OPTIONS", "TRACE", "PATCH", "CONNECT", ""};

}  // namespace

Method methodOf(Bytes name) {
  for (size_t i = 0; i + 1 < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Method>(i);
  }
  return Method::Other;
}

Bytes methodName(Method method) {
  return kNames[static_cast<size_t>(method)];
}

}  // namespace outrigger::http
