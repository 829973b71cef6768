#include <algorithm>

#include "control/admin/pages_json.h"
#include "control/cli/spoken.h"
#include "control/doctor/checks.h"
#include "proxy/net/tls_context.h"

namespace outrigger::control::doctor {
namespace {

constexpr const char* kNoIdentity = "the config has no `identity`";

std::string dayText(WallTime when) {
  return admin::isoTime(when).substr(0, 10);
}

// What an identity's certificate file says, or why it says nothing.
struct Certificate {
  std::string text;
  std::vector<net::CertificateDates> dates;  // the leaf's first; never empty
};

std::expected<Certificate, std::string> readCertificate(Exam& exam) {
  const std::string& path = exam.model()->identity->cert;
  auto text = exam.machine().read(path);
  if (!text) return std::unexpected(path + " cannot be read: " + text.error());
  auto dates = net::certificateDates(*text);
  if (!dates) return std::unexpected(path + ": " + dates.error().text);
  return Certificate{std::move(*text), std::move(*dates)};
}

// Of its whole chain: what the first to end says.
net::CertificateDates firstToEnd(const std::vector<net::CertificateDates>& chain) {
  return *std::ranges::min_element(chain, {}, &net::CertificateDates::notAfter);
}

// Short-lived certificates are renewed all the time: only the last third of a life is worth a word.
bool isLate(const net::CertificateDates& dates, WallTime now, Duration before) {
  const Duration left = dates.notAfter - now;
  return left < before && left < (dates.notAfter - dates.notBefore) / 3;
}

// Each file of authorities, once.
std::vector<std::string> trustFiles(const config::Model& model) {
  std::vector<std::string> paths;
  const auto add = [&paths](const std::string& path) {
    if (!path.empty() && std::ranges::count(paths, path) == 0) paths.push_back(path);
  };
  if (model.identity) add(model.identity->trust);
  for (const config::UpstreamModel& upstream : model.upstreams) {
    if (upstream.tls) add(upstream.tls->trust);
  }
  if (model.tracing) add(model.tracing->trust);
  return paths;
}

Finding clockIsOff(const std::string& found) {
  return fail(found, "set this machine's clock (NTP): dates of certificates, logs and traces depend on it");
}

}  // namespace

Finding certificatePair(Exam& exam) {
  if (!exam.model()->identity) return skipped(kNoIdentity);
  const config::IdentityModel& identity = *exam.model()->identity;
  const std::string remedy =
      "identity.cert: PEM, the leaf first and then its chain; identity.key: its key without a password; both readable "
      "for the sidecar's user";
  const auto certificate = readCertificate(exam);
  if (!certificate) return fail(certificate.error(), remedy);
  const auto key = exam.machine().read(identity.key);
  if (!key) return fail(identity.key + " cannot be read: " + key.error(), remedy);
  // At a time when it was valid: dates are another check's.
  const WallTime valid = certificate->dates.front().notBefore;
  const auto facts = net::examine({.certificate = certificate->text, .key = *key, .trust = {}}, valid);
  if (facts) {
    const std::string& id = facts->certificate->identity;
    return ok(identity.cert + " and its key belong together" + (id.empty() ? "" : ": " + cli::harmless(id)));
  }
  const bool inKey = facts.error().part == net::TlsFlaw::Part::Key;
  return fail((inKey ? identity.key : identity.cert) + ": " + facts.error().text, remedy);
}

Finding certificateDates(Exam& exam) {
  if (!exam.model()->identity) return skipped(kNoIdentity);
  const std::string& path = exam.model()->identity->cert;
  const auto certificate = readCertificate(exam);
  if (!certificate) return skipped(certificate.error());
  const WallTime now = exam.machine().now();
  for (const net::CertificateDates& one : certificate->dates) {
    if (one.notBefore <= now) continue;
    return fail(path + " is not valid before " + admin::isoTime(one.notBefore),
                "wait until then, mend the clock, or have it issued anew");
  }
  const net::CertificateDates first = firstToEnd(certificate->dates);
  const std::string day = dayText(first.notAfter);
  if (first.notAfter <= now) {
    return fail(path + " has expired on " + day + ": others refuse it",
                "renew it; the sidecar takes the new file without a restart");
  }
  const std::string left = cli::spanText(first.notAfter - now);
  if (isLate(first, now, 24h * 7)) {
    return warn(path + " expires in " + left + ", on " + day + ", and every call by TLS will fail from then on",
                "renew it now; whoever should have done so by itself (cert-manager, SPIRE) does not");
  }
  if (isLate(first, now, 24h * 30)) {
    return warn(path + " expires in " + left + ", on " + day, "renew it soon, or look whether its renewal works");
  }
  return ok(path + " is valid until " + day);
}

Finding trustBundle(Exam& exam) {
  const auto paths = trustFiles(*exam.model());
  if (paths.empty()) return skipped("the config names no authorities");
  const WallTime now = exam.machine().now();
  for (const std::string& path : paths) {
    const std::string remedy = "a PEM file with the certificates of the authorities that peers are verified against";
    const auto text = exam.machine().read(path);
    if (!text) return fail(path + " cannot be read: " + text.error(), remedy);
    if (text->empty()) return fail(path + " is empty", remedy);
    const auto facts = net::examine({.certificate = {}, .key = {}, .trust = *text}, now);
    if (!facts) return fail(path + ": " + facts.error().text, remedy);
    const auto dates = net::certificateDates(*text);
    for (const net::CertificateDates& one : *dates) {
      if (one.notAfter <= now || !isLate(one, now, 24h * 30)) continue;
      return warn(
          path + ": an authority expires in " + cli::spanText(one.notAfter - now) + ", on " + dayText(one.notAfter),
          "put the new authority beside it before that day, and renew what it has issued");
    }
  }
  return ok(cli::counted(paths.size(), "file") + " of authorities can be used");
}

Finding clockSane(Exam& exam) {
  constexpr Duration kSlack = 5min;
  using std::chrono::sys_days;
  using namespace std::chrono_literals;
  constexpr WallTime kFirst(sys_days(2025y / 1 / 1).time_since_epoch());
  constexpr WallTime kLast(sys_days(2100y / 1 / 1).time_since_epoch());
  const WallTime now = exam.machine().now();
  const std::string text = "the clock says " + admin::isoTime(now);
  if (now < kFirst || now > kLast) return clockIsOff(text + ", which cannot be");
  if (const auto changed = exam.machine().modifiedAt(exam.subject().path); changed && *changed > now + kSlack) {
    return clockIsOff(text + ", but the config file was changed at " + admin::isoTime(*changed));
  }
  if (exam.model()->identity) {
    const auto certificate = readCertificate(exam);
    if (certificate && certificate->dates.front().notBefore > now + kSlack) {
      return clockIsOff(text + ", but our certificate was issued for the time from " +
                        admin::isoTime(certificate->dates.front().notBefore));
    }
  }
  return ok(text);
}

}  // namespace outrigger::control::doctor
