// `tracing`: where the spans of this sidecar go.
#include "config/built_in.h"
#include "config/draft.h"
#include "config/file_schema.h"
#include "config/texts.h"

namespace outrigger::config {
namespace {

constexpr const char* kUsualPath = "/v1/traces";

Place placeAt(const Node& map, Bytes key) {
  const Node* found = map.find(key);
  return found == nullptr ? map.place() : found->place();
}

}  // namespace

void readTracing(Draft& draft) {
  const Node* node = draft.written.find("tracing");
  if (node == nullptr || !node->isMap()) return;
  WrittenTracing written;
  fill(written, merge(builtInTracing(), *node), kTracingShape);
  if (written.collector.empty()) return;  // that was reported
  const CollectorUrl url = splitCollectorUrl(written.collector);
  if (url.secure && written.trust.empty()) {
    draft.diagnostics.report(Code::NoTrust, placeAt(*node, "collector"),
                             "nothing says which authorities may vouch for this collector; those of the system are not "
                             "asked",
                             "trust: /certs/ca.crt");
  } else if (!url.secure && !written.trust.empty()) {
    draft.diagnostics.report(Code::ImpossiblePair, placeAt(*node, "trust"),
                             "`trust` means nothing beside a collector with http://, which shows no certificate",
                             "collector: https://" + std::string(url.authority) + std::string(url.path));
  }
  const HostAndPort host = splitHost(url.authority);
  TracingModel& model = draft.model.tracing.emplace();
  model.secure = url.secure;
  model.host = host.host;
  model.port = host.port;
  model.path = url.path.size() > 1 ? std::string(url.path) : kUsualPath;
  model.trust = written.trust;
  model.service = written.service;
  model.percent = written.sample == "parent" ? 0 : readPercent(written.sample).value_or(0);
  model.place = node->place();
}

Node effectiveTracing(const Node& written) {
  return written.isMap() ? merge(builtInTracing(), written) : written;
}

}  // namespace outrigger::config
