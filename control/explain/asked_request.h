// A request that was never sent, as somebody asks about it: a method, a URL and perhaps headers, read by the rules that
// the data plane reads requests by. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/direction.h"
#include "proxy/http/message.h"

namespace outrigger::control::explain {

class AskedRequest {
 public:
  /// `url`: "http://payments/v1/x", or a path alone, which asks about a call to the app unless `direction` says
  /// otherwise. `headers`: "name: value" each. The error is a sentence that says what would be right.
  static std::expected<AskedRequest, std::string> read(const std::string& method, const std::string& url,
                                                       const std::vector<std::string>& headers,
                                                       std::optional<Direction> direction);

  /// As the router sees it, dot segments resolved. Its views live as long as this object.
  http::RequestHead head() const;
  Direction direction() const { return direction_; }
  const std::string& method() const { return method_; }
  const std::string& url() const { return url_; }

 private:
  using Header = std::pair<std::string, std::string>;

  AskedRequest() = default;
  std::expected<void, std::string> readUrl();
  std::expected<void, std::string> readHeader(const std::string& text);

  std::string method_;
  std::string url_;        // as it was asked
  std::string authority_;  // without the scheme
  std::string path_;
  std::string query_;
  std::vector<Header> headers_;
  mutable std::vector<http::Field> fields_;  // views into headers_
  Direction direction_ = Direction::Outbound;
};

}  // namespace outrigger::control::explain
