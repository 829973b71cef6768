#include "control/injector/injector.h"

#include <csignal>

#include "control/config_file.h"
#include "control/telemetry/health.h"
#include "proxy/net/digest.h"
#include "proxy/net/tls_context.h"

namespace outrigger::control::injector {
namespace {

constexpr size_t kHashDigits = 8;

// A file's text; the error is a sentence that begins with the path.
std::expected<std::string, std::string> readText(const std::string& path) {
  auto file = readConfigFile(path);
  if (!file) return std::unexpected(file.error());
  return std::move(file->parts.front().second);
}

}  // namespace

Injector::Injector(net::EventLoop& loop, Log& log, ApiServer* apiServer, Options options)
    : loop_(loop),
      log_(log),
      options_(std::move(options)),
      webhook_(loop.turn(), log, apiServer),
      pages_(loop.turn()),
      hooks_(loop, webhook_.handler()),
      telemetry_(loop, pages_),
      follower_(loop, [this] { onChanged(); }) {
  facts_.startedAt = loop.turn().wall;
  addPages();
}

std::expected<void, std::string> Injector::start() {
  follower_.follow({options_.configFile});  // before it is read: what changes meanwhile is seen by the next look
  return load();
}

// ---- Config and certificate: first what can fail, then what cannot

std::expected<void, std::string> Injector::load() {
  const auto text = readText(options_.configFile);
  if (!text) return std::unexpected(text.error() + "\n");
  const inject::InjectorLoad read = inject::loadInjectorFile(*text, options_.configFile);
  if (read.file == nullptr) return std::unexpected(renderAll(read.diagnostics));
  followCertificates(*read.file);
  const auto tls = readCertificate(read.file->certificate);
  if (!tls) return std::unexpected(tls.error() + "\n");
  if (auto listens = listen(read.file->listen); !listens) return listens;
  if (*tls != tls_) hooks_.secureBy(*tls);
  tls_ = *tls;
  file_ = read.file;
  webhook_.configure(file_);
  facts_.configHash = net::sha256Hex(*text).substr(0, kHashDigits);
  facts_.appliedAt = net::wallNow();
  facts_.lastLoadGood = true;
  return {};
}

// Those of the newest config, which may come later, and of the one in effect.
void Injector::followCertificates(const inject::InjectorFile& newest) {
  std::vector<std::string> paths{options_.configFile};
  for (const inject::InjectorFile* file : {&newest, file_.get()}) {
    if (file == nullptr) continue;
    paths.push_back(file->certificate.cert);
    paths.push_back(file->certificate.key);
  }
  std::erase(paths, std::string());
  follower_.follow(paths);
}

// The same settings stay the same object: sessions hang on it.
std::expected<std::shared_ptr<const TlsServerSettings>, std::string> Injector::readCertificate(
    const inject::CertificateFiles& files) {
  if (files.cert.empty()) {
    return std::unexpected(options_.configFile +
                           ": the webhook needs `certificate`, such as {cert: /certs/tls.crt, key: /certs/tls.key}");
  }
  auto certificate = readText(files.cert);
  if (!certificate) return std::unexpected(certificate.error());
  auto key = readText(files.key);
  if (!key) return std::unexpected(key.error());
  TlsMaterial material{std::move(*certificate), std::move(*key), {}};
  const auto examined = net::examine(material, net::wallNow());
  if (!examined) {
    const bool ofKey = examined.error().part == net::TlsFlaw::Part::Key;
    return std::unexpected((ofKey ? files.key : files.cert) + ": " + examined.error().text);
  }
  if (examined->certificate) facts_.certificateExpiry = examined->certificate->notAfter;
  const bool same =
      tls_ != nullptr && tls_->material->certificate == material.certificate && tls_->material->key == material.key;
  if (same) return tls_;
  return std::make_shared<const TlsServerSettings>(
      TlsServerSettings{std::make_shared<const TlsMaterial>(std::move(material)), TlsServerSettings::Clients::Ignored});
}

std::expected<void, std::string> Injector::listen(const inject::ListenSettings& wanted) {
  std::optional<net::BoundSocket> hooks, telemetry;
  const auto open = [](const Address& address,
                       std::optional<net::BoundSocket>& to) -> std::expected<void, std::string> {
    auto bound = net::bindAndListen(address);
    if (!bound) return std::unexpected(bound.error() + "\n");
    to = std::move(*bound);
    return {};
  };
  const bool first = file_ == nullptr;
  if (first || wanted.webhook != listening_.webhook) {
    if (auto opened = open(wanted.webhook, hooks); !opened) return opened;
  }
  if (first || wanted.telemetry != listening_.telemetry) {
    if (auto opened = open(wanted.telemetry, telemetry); !opened) return opened;
  }
  listening_ = wanted;
  const auto serve = [this](const char* name, HttpEndpoint& endpoint, std::optional<net::BoundSocket>& socket) {
    if (!socket) return;
    log_.info("listening", {{"listener", name}, {"address", (*socket)->address().text()}});
    endpoint.listen(std::move(*socket));
  };
  serve("webhook", hooks_, hooks);
  serve("telemetry", telemetry_, telemetry);
  return {};
}

void Injector::onChanged() {
  const auto loaded = load();
  if (loaded) {
    ++facts_.applied;
    return log_.info("config-applied", {{"file", options_.configFile}, {"hash", facts_.configHash}});
  }
  ++facts_.rejected;
  facts_.lastLoadGood = false;
  log_.error("config-rejected",
             {{"file", options_.configFile}, {"text", loaded.error()}, {"running", "the version before it"}});
}

// ---- Telemetry

void Injector::addPages() {
  pages_.add(http::Method::Get, "/metrics", [this](const PageRequest&, const GivePage& give) {
    give({.contentType = "text/plain; version=0.0.4; charset=utf-8", .body = metricsText(facts_, webhook_.counts())});
  });
  pages_.add(http::Method::Get, "/ready", [this](const PageRequest&, const GivePage& give) { give(readyPage()); });
  pages_.add(http::Method::Get, "/live",
             [](const PageRequest&, const GivePage& give) { give(telemetry::renderLive({})); });
}

Page Injector::readyPage() const {
  std::vector<std::string> blockers;
  if (facts_.draining) blockers.emplace_back("draining");
  if (file_ == nullptr) blockers.emplace_back("config");
  return telemetry::renderReady(blockers);
}

// ---- The end

void Injector::onSignal(int number) {
  if (number == SIGHUP) return onChanged();
  if (std::exchange(ending_, true)) return loop_.stop();
  beginEnd();
}

// New reviews still come until everybody knows that we leave.
void Injector::beginEnd() {
  facts_.draining = true;
  endedAt_ = loop_.turn().now;
  hooks_.leave();
  log_.info("draining");
  loop_.turn().timers.arm(look_, endedAt_ + kLookEvery);
}

void Injector::onLook() {
  const Instant now = loop_.turn().now;
  const bool lameDuckOver = now - endedAt_ >= kLameDuck;
  if (lameDuckOver) {  // not before: whoever has just come has not said anything yet, and looks idle
    hooks_.listen(std::nullopt);
    hooks_.closeIdle();
  }
  if ((lameDuckOver && hooks_.connections() == 0) || now - endedAt_ >= kGrace) return loop_.stop();
  loop_.turn().timers.arm(look_, now + kLookEvery);
}

}  // namespace outrigger::control::injector
