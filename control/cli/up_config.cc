#include "control/cli/up_config.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "config/texts.h"
#include "proxy/base/address.h"

namespace outrigger::control::cli {
namespace {

using Error = std::unexpected<std::string>;

// From a service's port to the one of ours that leads there: 5432 becomes 15432.
constexpr uint16_t kTcpShift = 10'000;

struct Target {
  std::string name;
  std::string host;
  uint16_t port = 0;
  bool secure = false;
  bool tcp = false;
  bool isName = false;
};

std::optional<uint16_t> portOf(Bytes text) {
  uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || read.ptr != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// host:port, host, [v6]:port of a URL without its scheme and path.
std::optional<Target> hostAndPort(Bytes text, uint16_t usual) {
  Target target;
  const size_t colon = text.ends_with(']') ? Bytes::npos : text.rfind(':');
  const auto port = colon == Bytes::npos ? std::optional(usual) : portOf(text.substr(colon + 1));
  target.host = text.substr(0, colon);
  if (!port || *port == 0 || target.host.empty()) return std::nullopt;
  target.port = *port;
  if (target.host == "localhost") target.host = "127.0.0.1";
  target.isName = !Address::parse(target.host + ":1").has_value();
  if (target.isName && target.host.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != std::string::npos) {
    return std::nullopt;
  }
  return target;
}

std::expected<Target, std::string> targetOf(const std::string& option) {
  const std::string form = "; write NAME=http://HOST:PORT, https://HOST[:PORT] or tcp://HOST:PORT";
  const size_t equals = option.find('=');
  if (equals == 0 || equals == std::string::npos) return Error("--to " + option + ": names no upstream" + form);
  const std::string name = option.substr(0, equals);
  if (config::checkName(name)) return Error("--to " + option + ": `" + name + "` cannot be an upstream's name" + form);
  Bytes url = Bytes(option).substr(equals + 1);
  const size_t mark = url.find("://");
  const Bytes scheme = mark == Bytes::npos ? Bytes("http") : url.substr(0, mark);
  if (mark != Bytes::npos) url.remove_prefix(mark + 3);
  if (url.ends_with('/')) url.remove_suffix(1);
  if (scheme != "http" && scheme != "https" && scheme != "tcp") {
    return Error("--to " + option + ": the scheme `" + std::string(scheme) + "` is not known" + form);
  }
  if (url.find('/') != Bytes::npos) return Error("--to " + option + ": an upstream has no path" + form);
  auto target = hostAndPort(url, scheme == "https" ? 443 : scheme == "http" ? 80 : 0);
  if (!target) return Error("--to " + option + ": `" + std::string(url) + "` is no HOST:PORT" + form);
  target->name = name;
  target->secure = scheme == "https";
  target->tcp = scheme == "tcp";
  return *target;
}

std::string endpointsText(const std::vector<Target>& targets) {
  const Target& first = targets.front();
  if (first.isName) return "    dns: " + first.host + "\n    port: " + std::to_string(first.port) + "\n";
  std::string text = "    endpoints: [";
  for (const Target& target : targets) {
    if (&target != &first) text += ", ";
    text += "\"" + target.host + ":" + std::to_string(target.port) + "\"";
  }
  return text + "]\n";
}

std::expected<std::string, std::string> upstreamText(const std::vector<Target>& targets, const std::string& trust) {
  const Target& first = targets.front();
  const bool alike = std::ranges::all_of(targets, [&first](const Target& target) {
    return target.secure == first.secure && target.tcp == first.tcp && !target.isName;
  });
  if (targets.size() > 1 && !alike) {
    return Error("--to " + first.name + ": several endpoints of one upstream are IP addresses with the same scheme");
  }
  std::string text = "  " + first.name + ":\n" + endpointsText(targets);
  if (first.tcp) {
    const int port = first.port < kTcpShift ? first.port + kTcpShift : first.port - kTcpShift;
    text += "    protocol: tcp\n    listen: \"127.0.0.1:" + std::to_string(port) + "\"\n";
  }
  if (!first.secure) return text;
  if (trust.empty()) {
    return Error("--to " + first.name +
                 ": there is no bundle of authorities on this machine to verify https against; " +
                 "write a config file with `tls: {serverName: ..., trust: FILE}`");
  }
  if (!first.isName)
    return Error("--to " + first.name + ": https needs a name that the certificate holds, no IP address");
  return text + "    tls: {serverName: " + first.host + ", trust: " + trust + "}\n";
}

std::expected<std::string, std::string> appText(const std::string& app) {
  if (app.empty()) return "";
  if (portOf(app)) return "app: {port: " + app + "}\n";
  const auto address = Address::parse(app);
  if (!address) {
    return Error("--app " + app +
                 ": write a port such as 8080, an address such as 127.0.0.1:8080, or unix:/run/app.sock");
  }
  return "app: {address: \"" + address->text() + "\"}\n";
}

}  // namespace

std::expected<std::string, std::string> upConfig(const UpOptions& options, const std::string& trust) {
  auto text = appText(options.app);
  if (!text) return text;
  std::vector<std::string> order;
  std::map<std::string, std::vector<Target>> upstreams;
  for (const std::string& option : options.to) {
    auto target = targetOf(option);
    if (!target) return Error(target.error());
    if (!upstreams.contains(target->name)) order.push_back(target->name);
    upstreams[target->name].push_back(std::move(*target));
  }
  std::string file = "# Made by `outrigger up`.\nversion: 1\n" + *text;
  if (options.actions) file += "admin: {actions: true}\n";
  if (!order.empty()) file += "upstreams:\n";
  for (const std::string& name : order) {
    const auto upstream = upstreamText(upstreams[name], trust);
    if (!upstream) return Error(upstream.error());
    file += *upstream;
  }
  return file;
}

}  // namespace outrigger::control::cli
