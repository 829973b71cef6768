// The running injector (`outrigger injector`): the webhook over HTTPS and telemetry, on one thread. Follows its config
// file and its certificate; what is bad changes nothing and is told. Ends by draining.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "control/file_follower.h"
#include "control/http_endpoint.h"
#include "control/inject/settings_file.h"
#include "control/injector/metrics.h"
#include "control/injector/webhook.h"
#include "control/log.h"

namespace outrigger::control::injector {

class Injector {
 public:
  struct Options {
    std::string configFile = "/etc/outrigger-injector/injector.yaml";
    std::string serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";
  };

  /// `loop` and `log` outlive it; `apiServer` as well, nullptr: there is none.
  Injector(net::EventLoop& loop, Log& log, ApiServer* apiServer, Options options);

  /// Reads config and certificate, and listens. The error is a text with all that is wrong.
  std::expected<void, std::string> start();

  void onSignal(int number);

 private:
  static constexpr Duration kLameDuck = 3s;  // until nobody sends new reviews here
  static constexpr Duration kGrace = 10s;
  static constexpr Duration kLookEvery = 50ms;

  std::expected<void, std::string> load();
  void followCertificates(const inject::InjectorFile& newest);
  std::expected<std::shared_ptr<const TlsServerSettings>, std::string> readCertificate(
      const inject::CertificateFiles& files);
  std::expected<void, std::string> listen(const inject::ListenSettings& wanted);
  void onChanged();
  void beginEnd();
  void onLook();
  void addPages();
  Page readyPage() const;

  net::EventLoop& loop_;
  Log& log_;
  const Options options_;
  Webhook webhook_;
  PageServer pages_;
  HttpEndpoint hooks_;
  HttpEndpoint telemetry_;
  FileFollower follower_;
  inject::ListenSettings listening_;
  std::shared_ptr<const inject::InjectorFile> file_;
  std::shared_ptr<const TlsServerSettings> tls_;
  InjectorFacts facts_;
  bool ending_ = false;
  Instant endedAt_{};
  Timer<Injector, &Injector::onLook> look_{*this};
};

}  // namespace outrigger::control::injector
