#include "control/outcall/peer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "proxy/net/tls_context.h"

namespace outrigger::control::outcall {
namespace {

constexpr size_t kMostOctets = 1024 * 1024;

std::expected<std::string, std::string> readFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(path + ": " + (errno != 0 ? std::strerror(errno) : "it cannot be read"));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad() || text.size() > kMostOctets) return std::unexpected(path + ": it cannot be read, or is too large");
  return text;
}

// What may stand behind "Bearer " in one piece (RFC 6750 §2.1, and no more strictly than a server would).
bool isToken(Bytes text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

Bytes trimLines(Bytes text) {
  constexpr Bytes kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == Bytes::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

std::string Peer::authority() const {
  const bool isUnix = address.family() == Address::Family::Unix;
  const std::string port = isUnix ? std::string() : ":" + std::to_string(address.port());
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + port;
}

std::expected<std::shared_ptr<const TlsClientSettings>, std::string> Credentials::tls(WallTime now) {
  if (trustFile_.empty()) return nullptr;
  const auto text = readFile(trustFile_);
  if (text && settings_ != nullptr && settings_->material->trust == *text) return settings_;
  std::string why = text ? "" : text.error();
  if (text) {
    auto material = std::make_shared<TlsMaterial>();
    material->trust = *text;
    if (const auto facts = net::examine(*material, now); facts) {
      settings_ = std::make_shared<const TlsClientSettings>(TlsClientSettings{material, host_, {}});
    } else {
      why = trustFile_ + ": " + facts.error().text;
    }
  }
  if (settings_ == nullptr) return std::unexpected(why);
  return settings_;
}

std::expected<std::string, std::string> Credentials::token() {
  if (tokenFile_.empty()) return std::string();
  const auto text = readFile(tokenFile_);
  const Bytes token = text ? trimLines(*text) : Bytes();
  if (isToken(token)) {
    lastToken_ = token;
  } else if (lastToken_.empty()) {
    return std::unexpected(text ? tokenFile_ + ": there is no token in it" : text.error());
  }
  return lastToken_;
}

}  // namespace outrigger::control::outcall
