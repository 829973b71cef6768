#include "tests/support/sim/app.h"

namespace outrigger::sim {

App::App(World& world, Service& service, Sidecar& sidecar, std::string host)
    : lines_(world.loop(), [&sidecar] { return sidecar.open(Direction::Outbound); }), host_(std::move(host)) {
  service.does([this](const Service::Job& job, Service::Reply reply) { ask(job, std::move(reply)); });
}

void App::ask(const Service::Job& job, Service::Reply reply) {
  octets_ = "GET / HTTP/1.1\r\nhost: " + host_ + "\r\n";
  for (const Bytes name : {Bytes(kNumberHeader), Bytes("x-request-id"), Bytes("traceparent")}) {
    if (!forwards_ && name != kNumberHeader) continue;
    const Bytes value = job.field(name);
    if (!value.empty()) octets_.append(name).append(": ").append(value).append("\r\n");
  }
  octets_ += "\r\n";
  lines_.ask(octets_, [reply = std::move(reply)](std::optional<Message> answer) {
    reply(answer && answer->status() / 100 == 2 ? 200 : 500);
  });
}

}  // namespace outrigger::sim
