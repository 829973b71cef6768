#include "control/http_endpoint.h"

namespace outrigger::control {

void HttpEndpoint::listen(std::optional<net::BoundSocket> socket) {
  listener_.reset();
  if (!socket) return;
  auto onAccept = [this](net::AcceptedSocket accepted) {
    auto transport = loop_.adopt(std::move(accepted.fd), accepted.peer);
    if (transport != nullptr) connections_.serve(std::move(transport), handler_);
  };
  listener_.emplace(loop_, std::move(*socket), std::move(onAccept), [] {});
}

std::optional<Address> HttpEndpoint::address() const {
  return listener_ ? std::optional(listener_->address()) : std::nullopt;
}

}  // namespace outrigger::control
