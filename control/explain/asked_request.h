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

/// As it is typed.
struct Question {
  std::string method;
  std::string url;  ///< "http://payments/v1/x"; or a path alone, which is a call to the app unless `direction` is given
  std::vector<std::string> headers{};  ///< "name: value" each
  std::optional<Direction> direction{};
  std::string identity{};  ///< of the caller, a SPIFFE ID; empty: it shows none
};

class AskedRequest {
 public:
  /// The error is a sentence that says what would be right.
  static std::expected<AskedRequest, std::string> read(const Question& question);

  /// As the router sees it, dot segments resolved. Its views live as long as this object.
  http::RequestHead head() const;
  Direction direction() const { return direction_; }
  const std::string& method() const { return method_; }
  const std::string& url() const { return url_; }
  const std::string& identity() const { return identity_; }
  /// Octets of its target, as it would stand in the request.
  size_t targetBytes() const { return url_.size(); }

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
  std::string identity_;
  Direction direction_ = Direction::Outbound;
};

}  // namespace outrigger::control::explain
