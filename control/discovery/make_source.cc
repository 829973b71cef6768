#include "control/discovery/make_source.h"

#include "control/discovery/dns_source.h"

namespace outrigger::control::discovery {

std::unique_ptr<Source> makeSource(net::EventLoop& loop, KubernetesSources& kubernetes,
                                   const config::UpstreamModel& upstream, SourceEvents& events) {
  if (upstream.kubernetes) return kubernetes.make(upstream.name, *upstream.kubernetes, events);
  if (upstream.dns) {
    return std::make_unique<DnsSource>(loop.turn(), loop.resolver(), upstream.name, *upstream.dns, events);
  }
  return nullptr;
}

}  // namespace outrigger::control::discovery
