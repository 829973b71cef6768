#include "proxy/exchange/affinity.h"

#include <algorithm>
#include <charconv>

namespace outrigger::exchange {
namespace {

using policy::Affinity;
using policy::HashKey;

constexpr size_t kIdDigits = 16;
constexpr uint16_t kServerErrors = 500;

std::optional<Affinity> byText(Bytes text) {
  if (text.empty()) return std::nullopt;
  return Affinity{policy::hashOf(text), false};
}

std::optional<Affinity> byCookie(Bytes value) {
  uint64_t id = 0;
  const auto isDigitOfOurs = [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); };
  if (value.size() != kIdDigits || !std::ranges::all_of(value, isDigitOfOurs)) return byText(value);
  std::from_chars(value.data(), value.data() + value.size(), id, 16);
  return Affinity{id, true};
}

std::optional<Affinity> bySource(const Address& source) {
  if (!source.isIp()) return std::nullopt;
  const Address address = source.unmapped();
  const size_t octets = address.family() == Address::Family::Ipv4 ? 4 : 16;
  return byText({reinterpret_cast<const char*>(address.octets().data()), octets});
}

std::string setCookie(const HashKey& key, uint64_t endpoint) {
  std::array<char, kIdDigits> digits;
  digits.fill('0');
  std::array<char, kIdDigits> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), endpoint, 16).ptr;
  std::copy_backward(text.data(), end, digits.end());
  std::string cookie = key.name + "=" + std::string(digits.data(), digits.size()) + "; Path=/; HttpOnly; SameSite=Lax";
  if (key.ttl) cookie += "; Max-Age=" + std::to_string(std::chrono::ceil<std::chrono::seconds>(*key.ttl).count());
  return cookie;
}

bool needsCookie(const upstream::ClusterSettings& upstream, const std::optional<Affinity>& affinity) {
  if (!affinity) return true;
  return affinity->namesEndpoint && upstream.hashTable != nullptr &&
         !std::ranges::count(upstream.hashTable->members(), affinity->key, &policy::Maglev::Member::id);
}

}  // namespace

std::optional<Affinity> affinityOf(const policy::BalanceSettings& balance, const http::FieldList& fields,
                                   const PeerInfo& peer) {
  if (balance.kind != policy::Balance::Hash) return std::nullopt;
  switch (balance.hash.from) {
    case HashKey::From::Header: {
      const http::Field* field = fields.find(Bytes(balance.hash.name));
      return field != nullptr ? byText(field->value) : std::nullopt;
    }
    case HashKey::From::Cookie: {
      const auto value = cookieValue(fields, balance.hash.name);
      return value ? byCookie(*value) : std::nullopt;
    }
    case HashKey::From::Source: return bySource(peer.address);
  }
  return std::nullopt;
}

std::optional<Bytes> cookieValue(const http::FieldList& fields, Bytes name) {
  for (const http::Field& field : fields) {
    if (field.id != http::Header::Cookie) continue;
    Bytes rest = field.value;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(';'), rest.size());
      const Bytes pair = trimSpace(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const size_t equals = pair.find('=');
      if (equals == Bytes::npos || trimSpace(pair.substr(0, equals)) != name) continue;
      Bytes value = trimSpace(pair.substr(equals + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      return value;
    }
  }
  return std::nullopt;
}

void keepSession(const upstream::ClusterSettings& upstream, const std::optional<Affinity>& affinity,
                 const Address& endpoint, http::ResponseHead& head, Arena& arena) {
  const policy::BalanceSettings& balance = upstream.balance;
  if (balance.kind != policy::Balance::Hash || balance.hash.from != HashKey::From::Cookie) return;
  if (head.status >= kServerErrors || !needsCookie(upstream, affinity)) return;
  const std::string cookie = setCookie(balance.hash, policy::hashOf(endpoint.text()));
  head.fields.add(http::Header::SetCookie, arena.copy(cookie));
}

}  // namespace outrigger::exchange
