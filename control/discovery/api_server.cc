#include "control/discovery/api_server.h"

#include <algorithm>
#include <fstream>

namespace outrigger::control::discovery {
namespace {

constexpr const char* kHost = "KUBERNETES_SERVICE_HOST";
constexpr const char* kPort = "KUBERNETES_SERVICE_PORT";

bool isDnsLabel(const std::string& text) {
  constexpr size_t kLongest = 63;
  return !text.empty() && text.size() <= kLongest &&
         std::ranges::all_of(text, [](char c) { return isDigit(c) || (c >= 'a' && c <= 'z') || c == '-'; });
}

}  // namespace

std::expected<outcall::Peer, std::string> findApiServer(const config::EnvironmentLookup& lookUp,
                                                        const std::string& serviceAccountFolder) {
  std::string host = lookUp(kHost).value_or("");
  const std::string port = lookUp(kPort).value_or("");
  if (host.empty() || port.empty()) {
    return std::unexpected(std::string("an upstream with `kubernetes` needs the API server: set ") + kHost + " and " +
                           kPort + ", as every pod has them");
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const bool six = host.find(':') != std::string::npos;
  const auto address = Address::parse((six ? "[" + host + "]" : host) + ":" + port);
  if (!address || !address->isIp()) {
    return std::unexpected(std::string(kHost) + "=" + host + " " + kPort + "=" + port +
                           " is no address: " + (address ? "it is a path" : address.error()) +
                           "; an IP address and a number are wanted, such as 10.96.0.1 and 443");
  }
  return outcall::Peer{*address, host, serviceAccountFolder + "/ca.crt", serviceAccountFolder + "/token"};
}

std::expected<std::string, std::string> ownNamespace(const std::string& serviceAccountFolder) {
  const std::string path = serviceAccountFolder + "/namespace";
  std::ifstream file(path);
  std::string text;
  file >> text;
  if (!isDnsLabel(text)) {
    return std::unexpected(path + " does not tell our namespace: mount the service account's token, or name the " +
                           "`namespace` of the service");
  }
  return text;
}

}  // namespace outrigger::control::discovery
