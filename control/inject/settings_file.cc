#include "control/inject/settings_file.h"

#include <algorithm>

#include "config/bind.h"
#include "config/load.h"
#include "config/schema.h"
#include "config/texts.h"
#include "config/yaml.h"
#include "filters/registry.h"

namespace outrigger::control::inject {
namespace {

using namespace config;  // its vocabulary of tables

bool isVisible(char c) {
  return c > ' ' && c < 0x7f;
}

std::optional<Slip> checkVersion(Bytes text) {
  if (text == "1") return std::nullopt;
  return Slip{Code::OtherVersion, "is 1 for this program, not " + inQuotes(text), "1"};
}

std::optional<Slip> checkImage(Bytes text) {
  if (!text.empty() && text.size() <= 512 && std::ranges::all_of(text, isVisible)) return std::nullopt;
  return Slip{Code::BadText, "needs the name of an image, not " + inQuotes(text), "outrigger:0.1.0"};
}

std::optional<Slip> checkResource(Bytes text) {
  if (!text.empty() && std::ranges::all_of(text, isVisible)) return std::nullopt;
  return Slip{Code::BadText, "needs the name of a resource, not " + inQuotes(text), "memory"};
}

std::optional<Slip> checkQuantity(Bytes text) {
  const auto fits = [](char c) { return isVisible(c) && Bytes("0123456789.eEnumkMGTPi").find(c) != Bytes::npos; };
  const bool digitFirst = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (digitFirst && text.size() <= 32 && std::ranges::all_of(text, fits)) return std::nullopt;
  return Slip{Code::BadText, "needs a quantity of Kubernetes, not " + inQuotes(text), "64Mi"};
}

// A name of Kubernetes' objects (RFC 1123), or nothing.
std::optional<Slip> checkObjectName(Bytes text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  if (text.size() <= 253 && std::ranges::all_of(text, fits)) return std::nullopt;
  return Slip{Code::BadText, "needs the name of an object of Kubernetes, not " + inQuotes(text), "outrigger-identity"};
}

std::optional<Slip> checkNamespace(Bytes text) {
  if (!text.empty()) return checkObjectName(text);
  return Slip{Code::BadText, "needs the name of a namespace", "kube-system"};
}

struct Written {
  InjectorFile file;
  std::vector<std::string> ignoreNamespaces = Settings().ignoreNamespaces;
  SidecarSettings sidecar;
  Node config;
};

constexpr Type kListen = address(AddressUse::Listen);
constexpr Field kListenFields[] = {
    {"webhook", kListen, "Where the API server calls.", into<&ListenSettings::webhook>},
    {"telemetry", kListen, "/metrics, /ready and /live, nothing else.", into<&ListenSettings::telemetry>},
};
constexpr Shape kListenShape = shapeOf<ListenSettings>("the map `listen`", kListenFields);

constexpr Field kCertificateFields[] = {
    {"cert", text(checkFilePath), "The certificate and its chain.", into<&CertificateFiles::cert>, true,
     "cert: /certs/tls.crt"},
    {"key", text(checkFilePath), "Its key.", into<&CertificateFiles::key>, true, "key: /certs/tls.key"},
};
constexpr Shape kCertificateShape = shapeOf<CertificateFiles>("the map `certificate`", kCertificateFields);

constexpr Type kQuantity = text(checkQuantity);
constexpr Type kQuantities = names(checkResource, kQuantity);
constexpr Field kResourceFields[] = {
    {"requests", kQuantities, "What is kept free for it.", into<&ResourceSettings::requests>},
    {"limits", kQuantities, "The most it may use.", into<&ResourceSettings::limits>},
};
constexpr Shape kResourceShape = shapeOf<ResourceSettings>("the map `resources`", kResourceFields);

constexpr Word kPullWords[] = {{"IfNotPresent"}, {"Always"}, {"Never"}};
constexpr Field kSidecarFields[] = {
    {"image", text(checkImage), "The image of the sidecar.", into<&SidecarSettings::image>},
    {"imagePullPolicy", word(kPullWords), "When the image is fetched.", into<&SidecarSettings::imagePullPolicy>},
    {"native", boolean(), "An init container with `restartPolicy: Always`; else a plain container.",
     into<&SidecarSettings::native>},
    {"uid", integer(1, 2'147'483'647), "The user that the sidecar runs as.", into<&SidecarSettings::uid>},
    {"redirect", boolean(), "Whether connections are redirected to the sidecar.", into<&SidecarSettings::redirect>},
    {"resources", map(kResourceShape), "Requests and limits of the sidecar.", into<&SidecarSettings::resources>},
    {"gracePeriod", integer(0, 86'400), "Seconds that a pod gets to end, at the least.",
     into<&SidecarSettings::gracePeriod>},
    {"httpProxy", boolean(), "Whether HTTP_PROXY is set in the app's containers.", into<&SidecarSettings::httpProxy>},
    {"identitySecret", text(checkObjectName), "The secret that is mounted at /etc/outrigger-identity.",
     into<&SidecarSettings::identitySecret>},
};
constexpr Shape kSidecarShape = shapeOf<SidecarSettings>("the map `sidecar`", kSidecarFields);

constexpr Type kNamespace = text(checkNamespace);
constexpr Field kFileFields[] = {
    {"version", text(checkVersion), "The version of this format.", nullptr, true, "version: 1"},
    {"listen", map(kListenShape), "Where we listen.", nullptr},
    {"certificate", map(kCertificateShape), "The webhook's certificate, as files that are watched.", nullptr},
    {"sidecar", map(kSidecarShape), "What is put beside the app.", into<&Written::sidecar>},
    {"config", any(), "The base of every sidecar's config, as in outrigger.yaml.", into<&Written::config>},
    {"ignoreNamespaces", list(kNamespace, 0, 1000), "Where no pod is touched.", into<&Written::ignoreNamespaces>},
};
constexpr Shape kFileShape = shapeOf<Written>("the file", kFileFields);
constexpr Type kFileType = map(kFileShape);

// A base without a version is of this one.
Node withVersion(const Node& config) {
  if (!config.isMap() || config.find("version") != nullptr) return config;
  return merge(Node::map({{"version", config.place(), Node::scalar("1", false, config.origin())}}, config.origin()),
               config);
}

void judgeBase(const Node& config, Diagnostics& diagnostics) {
  if (config.kind() == Node::Kind::Null || config.isInvalid()) return;
  const EnvironmentLookup unset = [](Bytes) { return std::optional<std::string>(); };
  loadTree(withVersion(config), unset, filters::schemas(), diagnostics);
}

template <class T>
void fillPart(T& target, const Node& file, Bytes key, const Shape& shape) {
  const Node* part = file.find(key);
  if (part != nullptr && part->isMap()) fill(target, *part, shape);
}

InjectorFile fileOf(const Node& node) {
  Written written;
  written.file.listen = {*readAddress("[::]:15443", AddressUse::Listen),
                         *readAddress("[::]:15190", AddressUse::Listen)};
  fill(written, node, kFileShape);
  fillPart(written.file.listen, node, "listen", kListenShape);
  fillPart(written.file.certificate, node, "certificate", kCertificateShape);
  written.file.settings = {written.sidecar, withVersion(written.config), written.ignoreNamespaces};
  return written.file;
}

}  // namespace

InjectorLoad loadInjectorFile(Bytes text, const std::string& fileName) {
  Diagnostics diagnostics(fileName, text);
  InjectorLoad load;
  if (const auto yaml = readYaml(Source::File, diagnostics)) {
    const Node sound = check(*yaml, kFileType, "", diagnostics);
    if (sound.isMap()) {
      const Node* base = sound.find("config");
      if (base != nullptr) judgeBase(*base, diagnostics);
      load.file = std::make_shared<const InjectorFile>(fileOf(sound));
    }
  }
  load.diagnostics = diagnostics.take();
  std::erase_if(load.diagnostics, [](const Diagnostic& d) {
    return d.code == Code::EnvironmentUnset || d.severity() != Severity::Error;
  });
  if (!load.diagnostics.empty()) load.file.reset();
  return load;
}

}  // namespace outrigger::control::inject
