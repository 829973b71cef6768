#include "control/demo/toy_service.h"

#include <algorithm>
#include <stdexcept>

namespace outrigger::control::demo {

ToyInstance::ToyInstance(net::EventLoop& loop, net::BoundSocket socket, const Mood& mood)
    : loop_(loop), mood_(mood), start_(loop.turn().now), server_(loop.turn()), endpoint_(loop, server_) {
  server_.add(http::Method::Get, "/", [this](const PageRequest&, const GivePage& give) { onRequest(give); });
  endpoint_.listen(std::move(socket));
}

void ToyInstance::onRequest(const GivePage& give) {
  Turn& turn = loop_.turn();
  Duration takes = mood_.usual / 2 + turn.rng.between(0ms, mood_.usual);
  if (turn.rng.chance(mood_.slowShare)) takes += mood_.slowBy;
  const bool fails = mood_.wave > 0ms && (turn.now - start_) % mood_.wave >= mood_.wave - mood_.failing;
  due_.push_back({turn.now + takes, give, static_cast<uint16_t>(fails ? 503 : 200)});
  turn.timers.arm(timer_, std::ranges::min_element(due_, {}, &Due::at)->at);
}

void ToyInstance::onDue() {
  Turn& turn = loop_.turn();
  std::vector<Due> ready;
  std::erase_if(due_, [&](Due& due) {
    if (due.at > turn.now) return false;
    ready.push_back(std::move(due));
    return true;
  });
  for (const Due& due : ready) due.give({.status = due.status, .contentType = "text/plain", .body = "hello\n"});
  if (!due_.empty()) turn.timers.arm(timer_, std::ranges::min_element(due_, {}, &Due::at)->at);
}

Address ToyServices::add(const Mood& mood) {
  auto socket = net::bindAndListen(Address::loopback(0));
  if (!socket) throw std::runtime_error(socket.error());
  const Address address = (*socket)->address();
  instances_.push_back(std::make_unique<ToyInstance>(loop_, std::move(*socket), mood));
  return address;
}

void ToyServices::start() {
  thread_ = std::thread([this] { loop_.run(); });
}

ToyServices::~ToyServices() {
  if (!thread_.joinable()) return;
  loop_.mailbox().post([this] {
    instances_.clear();
    loop_.stop();
  });
  thread_.join();
}

}  // namespace outrigger::control::demo
