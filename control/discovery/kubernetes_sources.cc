#include "control/discovery/kubernetes_sources.h"

#include "control/discovery/api_server.h"
#include "control/discovery/kubernetes_source.h"

namespace outrigger::control::discovery {
namespace {

/// Stands where a source should, and says why there is none.
class Hopeless final : public Source {
 public:
  Hopeless(Turn& turn, std::string upstream, std::string why, SourceEvents& events)
      : upstream_(std::move(upstream)), why_(std::move(why)), events_(events) {
    turn.timers.arm(timer_, turn.now);
  }

 private:
  void onTimer() { events_.onTrouble(upstream_, why_); }

  const std::string upstream_;
  const std::string why_;
  SourceEvents& events_;
  Timer<Hopeless, &Hopeless::onTimer> timer_{*this};
};

}  // namespace

KubernetesSources::KubernetesSources(Turn& turn, Dialer& dialer, config::EnvironmentLookup environment,
                                     std::string serviceAccountFolder)
    : turn_(turn), dialer_(dialer), environment_(std::move(environment)), folder_(std::move(serviceAccountFolder)) {}

std::expected<outcall::Client*, std::string> KubernetesSources::client() {
  if (client_) return &*client_;
  auto peer = findApiServer(environment_, folder_);
  if (!peer) return std::unexpected(peer.error());
  return &client_.emplace(turn_, dialer_, std::move(*peer));
}

std::unique_ptr<Source> KubernetesSources::make(const std::string& upstream, const config::KubernetesModel& service,
                                                SourceEvents& events) {
  const auto hopeless = [&](const std::string& why) {
    return std::make_unique<Hopeless>(turn_, upstream, why, events);
  };
  const auto api = client();
  if (!api) return hopeless(api.error());
  std::string nameSpace = service.nameSpace;
  if (nameSpace.empty()) {
    const auto own = ownNamespace(folder_);
    if (!own) return hopeless(own.error());
    nameSpace = *own;
  }
  KubernetesService wanted{service.service, std::move(nameSpace), {service.portName, service.port}};
  return std::make_unique<KubernetesSource>(**api, upstream, std::move(wanted), events);
}

}  // namespace outrigger::control::discovery
