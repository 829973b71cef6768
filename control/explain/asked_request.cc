#include "control/explain/asked_request.h"

#include <algorithm>

#include "config/diagnostic.h"
#include "proxy/http/grammar.h"
#include "proxy/http/host.h"
#include "proxy/http/target.h"

namespace outrigger::control::explain {
namespace {

constexpr Bytes kSecure = "https://";

std::string inCapitals(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

std::unexpected<std::string> refused(const std::string& what) {
  return std::unexpected(what + "; try: GET http://payments/v1/x, or GET /v1/x for a call to the app");
}

Bytes trimmed(Bytes text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == Bytes::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

}  // namespace

std::expected<AskedRequest, std::string> AskedRequest::read(const Question& question) {
  const auto& [method, url, headers, direction, identity] = question;
  if (http::methodOf(method) == http::Method::Other) {
    const bool known = http::methodOf(inCapitals(method)) != http::Method::Other;
    return refused(config::inQuotes(method) +
                   (known ? " is no method: methods are written in capitals" : " is no method that the proxy knows"));
  }
  if (method == "CONNECT") return refused("CONNECT makes a tunnel, and no route is asked");
  AskedRequest asked;
  asked.method_ = method;
  asked.url_ = url;
  asked.identity_ = identity;
  asked.direction_ = direction.value_or(url.starts_with('/') ? Direction::Inbound : Direction::Outbound);
  for (const std::string& header : headers) {
    if (const auto read = asked.readHeader(header); !read) return std::unexpected(read.error());
  }
  if (const auto read = asked.readUrl(); !read) return std::unexpected(read.error());
  return asked;
}

std::expected<void, std::string> AskedRequest::readUrl() {
  if (url_.starts_with(kSecure)) {
    return refused("an app asks its sidecar in plain, and it is the sidecar that speaks TLS (`upstreams.NAME.tls`)");
  }
  if (url_.empty()) return refused("the URL is empty");
  const Result<http::Target> target = http::parseTarget(http::methodOf(method_), url_);
  if (!target) return refused(config::inQuotes(url_) + " is no URL: " + target.error().detail);
  if (target->absoluteForm) authority_ = target->authority;
  if (!authority_.empty() && !http::parseHost(authority_)) {
    return refused(config::inQuotes(authority_) + " is no host");
  }
  path_ = target->path;
  query_ = target->query;
  if (http::hasDotSegments(path_)) {
    std::string resolved(path_.size(), '\0');
    path_ = std::string(http::removeDotSegments(path_, resolved.data()));
  }
  return {};
}

std::expected<void, std::string> AskedRequest::readHeader(const std::string& text) {
  const size_t colon = std::min(text.find(':'), text.size());
  const std::string name = text.substr(0, colon);
  if (colon == text.size() || !http::isToken(name) || http::holdsControl(text)) {
    return std::unexpected("--header " + config::inQuotes(text) + " is no header; try: --header 'x-beta: 1'");
  }
  const std::string value(trimmed(Bytes(text).substr(colon + 1)));
  if (equalsIgnoreCase(name, "host")) {
    authority_ = value;
  } else {
    headers_.emplace_back(name, value);
  }
  return {};
}

http::RequestHead AskedRequest::head() const {
  fields_.assign(headers_.size(), {});
  http::RequestHead head;
  head.method = http::methodOf(method_);
  head.methodText = method_;
  head.authority = authority_;
  head.path = path_;
  head.query = query_;
  head.fields = http::FieldList(fields_);
  for (const auto& [name, value] : headers_) head.fields.add(name, value);
  return head;
}

}  // namespace outrigger::control::explain
