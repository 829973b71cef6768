#include "proxy/http/h2/field_rules.h"

#include <array>

#include "proxy/http/grammar.h"

namespace outrigger::http::h2 {
namespace {

constexpr std::array<bool, 256> makeNameOctets() {
  std::array<bool, 256> allowed{};
  for (unsigned char c : Bytes("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")) allowed[c] = true;
  return allowed;
}
constexpr auto kNameOctets = makeNameOctets();

bool isName(Bytes name) {
  for (unsigned char c : name) {
    if (!kNameOctets[c]) return false;
  }
  return !name.empty();
}

bool isSpace(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

const char* flawOfValue(Bytes value) {
  if (value.empty()) return nullptr;
  if (isSpace(value.front()) || isSpace(value.back())) return "a field value begins or ends with a space";
  return holdsControl(value) ? "a control octet in a field value" : nullptr;
}

const char* flawOf(Header id, Bytes name, Bytes value) {
  if (!isName(name)) return "a field name that is not a token of lower case";
  switch (id) {
    case Header::Connection:
    case Header::KeepAlive:
    case Header::ProxyConnection:
    case Header::TransferEncoding:
    case Header::Upgrade: return "a field that belongs to HTTP/1 connections";
    case Header::Te:
      if (!equalsIgnoreCase(value, "trailers")) return "TE may only say trailers";
      break;
    default: break;
  }
  return flawOfValue(value);
}

}  // namespace outrigger::http::h2
