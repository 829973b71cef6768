#include "control/schema/forms.h"

#include "config/texts.h"

namespace outrigger::control::schema {
namespace {

struct Form {
  config::TextCheck check;
  const char* form;
};

constexpr const char* kToken = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
constexpr const char* kPath = "^/[^?# ]*$";

constexpr Form kForms[] = {
    {config::checkName, "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"},
    {config::checkHeaderName, kToken},
    {config::checkOwnHeaderName, kToken},
    {config::checkLoggedHeader, kToken},
    {config::checkMethod, kToken},
    {config::checkCookieName, kToken},
    {config::checkRetryMethod, "^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE|POST|PATCH)$"},
    {config::checkFailure, "^(unsent|reset|timeout|[1-5]xx|[1-5][0-9]{2})$"},
    {config::checkPath, kPath},
    {config::checkPrefix, "^/([^?# ]*[^?# /])?$"},
    {config::checkProbeTarget, "^/[^# ]*$"},
    {config::checkFilePath, "^/"},
    {config::checkRedirectStatus, "^(301|302|303|307|308)$"},
    {config::checkIdentity, "^spiffe://"},
    {config::checkIdentityRule, "^spiffe://"},
};

}  // namespace

std::string formOf(config::TextCheck check) {
  for (const Form& form : kForms) {
    if (form.check == check) return form.form;
  }
  return "";
}

}  // namespace outrigger::control::schema
