// The configs of namespaces (ConfigMap `outrigger`), asked for when a pod of theirs comes and kept for a moment: a
// rollout brings many pods at once. Who waits gets an answer in time, even if the API server gives none. The control
// thread only.
#pragma once

#include <map>
#include <vector>

#include "control/injector/api_server.h"
#include "proxy/base/turn.h"

namespace outrigger::control::injector {

class NamespaceConfigs {
 public:
  /// `turn` outlives it; nullptr: there is no API server.
  NamespaceConfigs(Turn& turn, ApiServer* apiServer) : turn_(turn), apiServer_(apiServer) {}

  /// Gives the text at once if it is known, else as soon as it is, and after kPatience in any case.
  void ask(const std::string& nameSpace, ApiServer::GiveConfig give);

 private:
  static constexpr Duration kPatience = 1500ms;  // of the five seconds that the API server waits for us
  static constexpr Duration kKept = 1s;
  static constexpr Duration kFailureKept = 5s;
  static constexpr size_t kMostNamespaces = 1000;

  struct Entry {
    ApiServer::ConfigText text;
    bool known = false;
    Instant until{};  // while it is known; else when we stop waiting
    std::unique_ptr<Question> question;
    std::vector<ApiServer::GiveConfig> waiting;
  };

  void begin(const std::string& nameSpace, Entry& entry);
  void answer(const std::string& nameSpace, ApiServer::ConfigText text);
  void forgetOld();
  void onTimer();

  Turn& turn_;
  ApiServer* apiServer_;
  std::map<std::string, Entry> entries_;
  Timer<NamespaceConfigs, &NamespaceConfigs::onTimer> timer_{*this};
};

}  // namespace outrigger::control::injector
