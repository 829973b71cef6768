#include "control/admin/live_page.h"

#include "control/admin/page_assets.h"
#include "control/admin/plain_tables.h"
#include "control/base64.h"
#include "proxy/net/digest.h"

namespace outrigger::control::admin {
namespace {

constexpr Bytes kStyle = "@STYLE@";
constexpr Bytes kScript = "@SCRIPT@";
constexpr Bytes kPlain = "@PLAIN@";

std::string octetsOf(Bytes hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string octets;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) octets += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return octets;
}

std::string sourceOf(Bytes text) {
  return "'sha256-" + base64(octetsOf(net::sha256Hex(text))) + "'";
}

void putIn(std::string& document, Bytes mark, Bytes text) {
  document.replace(document.find(mark), mark.size(), text);
}

}  // namespace

LivePage::LivePage()
    : security_("default-src 'none'; script-src " + sourceOf(liveJs()) + "; style-src " + sourceOf(liveCss()) +
                "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                "require-trusted-types-for 'script'") {
  std::string document(liveHtml());
  putIn(document, kStyle, liveCss());
  putIn(document, kScript, liveJs());
  const size_t plain = document.find(kPlain);
  before_ = document.substr(0, plain);
  after_ = document.substr(plain + kPlain.size());
}

Page LivePage::make(const Json& state) const {
  return {.status = 200,
          .contentType = "text/html; charset=utf-8",
          .body = before_ + plainTables(state) + after_,
          .contentSecurityPolicy = security_};
}

}  // namespace outrigger::control::admin
