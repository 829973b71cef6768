#include "tests/support/script.h"

#include <algorithm>

#include "proxy/base/bytes.h"
#include "proxy/http/websocket_key.h"

namespace outrigger::test {
namespace {

std::string valueOf(const Headers& headers, const std::string& name) {
  const auto found = std::ranges::find_if(headers, [&](const auto& h) { return equalsIgnoreCase(h.first, name); });
  return found == headers.end() ? "" : found->second;
}

bool has(const Headers& headers, const std::string& name) {
  return std::ranges::any_of(headers, [&](const auto& h) { return equalsIgnoreCase(h.first, name); });
}

void append(std::string& out, const Headers& headers) {
  for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
}

}  // namespace

std::string SeenRequest::header(const std::string& name) const {
  return valueOf(headers, name);
}

std::string SeenResponse::header(const std::string& name) const {
  return valueOf(headers, name);
}

std::string encodeResponse(int status, const Headers& headers, const std::string& body, bool toHead) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " X\r\n";
  append(out, headers);
  const bool bodiless = status < 200 || status == 204 || status == 304;
  if (!bodiless && !has(headers, "content-length") && !has(headers, "transfer-encoding")) {
    out += "content-length: " + std::to_string(body.size()) + "\r\n";
  }
  out += "\r\n";
  if (!bodiless && !toHead) out += body;
  return out;
}

std::string encodeUpgrade(const SeenRequest& request) {
  std::string out = "HTTP/1.1 101 Over\r\nconnection: upgrade\r\nupgrade: " + request.header("upgrade") + "\r\n";
  const std::string key = request.header("sec-websocket-key");
  if (!key.empty()) out.append("sec-websocket-accept: ").append(http::WebSocketAccept(key).text()).append("\r\n");
  return out + "\r\n";
}

std::string encodeRequest(const std::string& method, const std::string& host, const std::string& target,
                          const Headers& headers, const std::string& body) {
  std::string out = method + " " + target + " HTTP/1.1\r\n";
  if (!has(headers, "host")) out += "host: " + host + "\r\n";
  append(out, headers);
  if (!body.empty() && !has(headers, "content-length") && !has(headers, "transfer-encoding")) {
    out += "content-length: " + std::to_string(body.size()) + "\r\n";
  }
  return out + "\r\n" + body;
}

}  // namespace outrigger::test
