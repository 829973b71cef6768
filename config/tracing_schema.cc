// The shape of `tracing`, and the checks of its texts.
#include <algorithm>

#include "config/bind.h"
#include "config/file_schema.h"
#include "config/texts.h"
#include "config/written.h"

namespace outrigger::config {
namespace {

constexpr Bytes kSecure = "https://";
constexpr Bytes kPlain = "http://";
constexpr Bytes kExample = "http://collector.observe.svc.cluster.local:4318";
constexpr size_t kLongestUrl = 2048;
constexpr size_t kLongestService = 255;

Slip bad(std::string what, std::string tryText = {}) {
  return {Code::BadText, std::move(what), std::move(tryText)};
}

bool isControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool isVisible(Bytes text) {
  return std::ranges::none_of(text, [](char c) { return isControl(c) || c == ' '; });
}

std::optional<Slip> checkCollector(Bytes text) {
  if (!text.starts_with(kSecure) && !text.starts_with(kPlain)) {
    return bad("needs the URL of an OTLP/HTTP collector", std::string(kExample));
  }
  const CollectorUrl url = splitCollectorUrl(text);
  // A URL with a password would be shown on the page and in `config show`.
  if (url.authority.find('@') != Bytes::npos) return bad("needs a URL without a user and a password");
  if (url.authority.find_first_of("?#") != Bytes::npos || url.path.find_first_of("?#") != Bytes::npos) {
    return bad("needs a URL without a query");
  }
  if (text.size() > kLongestUrl || !isVisible(text)) return bad("needs at most 2048 octets, none of them a space");
  if (auto slip = checkHost(url.authority); slip || url.authority.starts_with('.')) {
    return bad("needs a host behind the scheme", std::string(kExample));
  }
  if (splitHost(url.authority).port != 0) return std::nullopt;
  const Bytes scheme = url.secure ? kSecure : kPlain;
  return bad("needs the collector's port: 4318 is that of OTLP/HTTP",
             std::string(scheme) + std::string(url.authority) + ":4318" + std::string(url.path));
}

std::optional<Slip> checkService(Bytes text) {
  const bool fits = !text.empty() && text.size() <= kLongestService;
  if (fits && std::ranges::none_of(text, isControl)) return std::nullopt;
  return bad("needs a name of at most 255 octets in one line", "payments");
}

// `parent`, or the share of the traces that begin here.
std::optional<Slip> checkSample(Bytes text) {
  if (text == "parent") return std::nullopt;
  const auto percent = readPercent(text);
  if (percent) return std::nullopt;
  if (percent.error().code == Code::OutOfRange) return percent.error();
  return Slip{Code::NotAPercent, "is `parent`, or a percentage from 0 to 100, not " + inQuotes(text), "1"};
}

constexpr Field kTracingFields[] = {
    {"collector", text(checkCollector), "Where spans go, as OTLP/HTTP JSON: a URL; without a path, to /v1/traces.",
     into<&WrittenTracing::collector>, true, "collector: http://collector.observe.svc.cluster.local:4318"},
    {"trust", text(checkFilePath), "A PEM file with the authorities that a collector with https is verified against.",
     into<&WrittenTracing::trust>},
    {"service", text(checkService).orAuto(),
     "What traces call this workload. auto: OTEL_SERVICE_NAME, else the workload by the pod's name, else outrigger.",
     into<&WrittenTracing::service>},
    {"sample", text(checkSample),
     "The share of traces that begin here and are recorded, in percent; parent: none. Others do as their parent says.",
     into<&WrittenTracing::sample>},
};
constexpr Refused kTracingRefused[] = {
    {"headers",
     "secrets do not belong into this file: a collector that asks for a password stands behind one that does not",
     false},
};

}  // namespace

CollectorUrl splitCollectorUrl(Bytes text) {
  CollectorUrl url{.secure = text.starts_with(kSecure)};
  text.remove_prefix(url.secure ? kSecure.size() : kPlain.size());
  const size_t slash = text.find('/');
  url.authority = text.substr(0, slash);
  if (slash != Bytes::npos) url.path = text.substr(slash);
  return url;
}

constexpr Shape kTracingShape = shapeOf<WrittenTracing>("the map `tracing`", kTracingFields, kTracingRefused);

}  // namespace outrigger::config
