// Makes the sources of upstreams whose endpoints Kubernetes tells; they share one client of the API server. The control
// thread only; outlives the sources.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/environment.h"
#include "config/model.h"
#include "control/discovery/source.h"
#include "control/outcall/client.h"

namespace outrigger::control::discovery {

class KubernetesSources {
 public:
  /// Reads nothing before the first source is made. `turn` and `dialer` outlive it.
  KubernetesSources(Turn& turn, Dialer& dialer, config::EnvironmentLookup environment,
                    std::string serviceAccountFolder);

  /// Never nullptr: one that cannot do anything says so as its trouble.
  std::unique_ptr<Source> make(const std::string& upstream, const config::KubernetesModel& service,
                               SourceEvents& events);

 private:
  std::expected<outcall::Client*, std::string> client();

  Turn& turn_;
  Dialer& dialer_;
  const config::EnvironmentLookup environment_;
  const std::string folder_;
  std::optional<outcall::Client> client_;
};

}  // namespace outrigger::control::discovery
