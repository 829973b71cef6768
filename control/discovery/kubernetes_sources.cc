#include "control/discovery/kubernetes_sources.h"

#include "control/discovery/api_server.h"
#include "control/discovery/kubernetes_source.h"

namespace outrigger::control::discovery {
namespace {

// A service account that is mounted late is found so much later.
constexpr Duration kTryEvery = 5s;

}  // namespace

/// A source that waits for what it needs of the pod, and says what that is.
class KubernetesSources::Waiting final : public Source {
 public:
  Waiting(KubernetesSources& sources, std::string upstream, config::KubernetesModel service, SourceEvents& events)
      : sources_(sources), upstream_(std::move(upstream)), service_(std::move(service)), events_(events) {
    sources_.turn_.timers.arm(timer_, sources_.turn_.now);
  }

 private:
  void onTimer() {
    auto made = sources_.begin(upstream_, service_, events_);
    if (made) {
      source_ = std::move(*made);
      return;
    }
    sources_.turn_.timers.arm(timer_, sources_.turn_.now + kTryEvery);
    if (std::exchange(why_, made.error()) != made.error()) events_.onTrouble(upstream_, made.error());
  }

  KubernetesSources& sources_;
  const std::string upstream_;
  const config::KubernetesModel service_;
  SourceEvents& events_;
  std::string why_;
  std::unique_ptr<Source> source_;
  Timer<Waiting, &Waiting::onTimer> timer_{*this};
};

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
  auto made = begin(upstream, service, events);
  if (made) return std::move(*made);
  return std::make_unique<Waiting>(*this, upstream, service, events);
}

std::expected<std::unique_ptr<Source>, std::string> KubernetesSources::begin(const std::string& upstream,
                                                                             const config::KubernetesModel& service,
                                                                             SourceEvents& events) {
  const auto api = client();
  if (!api) return std::unexpected(api.error());
  std::string nameSpace = service.nameSpace;
  if (nameSpace.empty()) {
    const auto own = ownNamespace(folder_);
    if (!own) return std::unexpected(own.error());
    nameSpace = *own;
  }
  KubernetesService wanted{service.service, std::move(nameSpace), {service.portName, service.port}};
  return std::make_unique<KubernetesSource>(**api, upstream, std::move(wanted), events);
}

}  // namespace outrigger::control::discovery
