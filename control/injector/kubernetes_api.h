// The API server over HTTPS, with the token of our service account. The control thread only.
#pragma once

#include <vector>

#include "control/injector/api_server.h"
#include "control/log.h"
#include "control/outcall/client.h"

namespace outrigger::control::injector {

class KubernetesApi final : public ApiServer {
 public:
  /// `client` calls the API server; all outlive it.
  KubernetesApi(Turn& turn, Log& log, outcall::Client& client);
  ~KubernetesApi() override;

  std::unique_ptr<Question> readConfig(const std::string& nameSpace, GiveConfig give) override;
  void tell(const Event& event) override;

 private:
  class Reading;
  class Telling;
  static constexpr size_t kMostTellings = 20;

  void over(Telling& telling);

  Turn& turn_;
  Log& log_;
  outcall::Client& client_;
  std::vector<std::unique_ptr<Telling>> tellings_;
};

/// The body of an Event, as the API server takes it.
std::string eventText(const Event& event, WallTime now);

/// The text of our config in an answer about the ConfigMap; nullopt: it has none.
ApiServer::ConfigText configInAnswer(uint16_t status, const std::string& body);

}  // namespace outrigger::control::injector
