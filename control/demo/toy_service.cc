#include "control/demo/toy_service.h"

#include <algorithm>
#include <stdexcept>

namespace outrigger::control::demo {
namespace {

constexpr Duration kSlowBy = 500ms;

}  // namespace

ToyInstance::ToyInstance(net::EventLoop& loop, net::BoundSocket socket, const Mood& mood)
    : loop_(loop), address_(socket->address()), mood_(mood), start_(loop.turn().now), server_(loop.turn()) {
  server_.add(http::Method::Get, "/", [this](const PageRequest&, const GivePage& give) { onRequest(give); });
  endpoint_.emplace(loop_, server_);
  endpoint_->listen(std::move(socket));
}

void ToyInstance::suffer(Trouble trouble) {
  trouble_ = trouble;
  if (trouble == Trouble::Dead) return endpoint_.reset();
  if (endpoint_) return;
  endpoint_.emplace(loop_, server_);
  // Somebody may have taken the port meanwhile: then the instance stays dead, as a real one would.
  if (auto socket = net::bindAndListen(address_)) endpoint_->listen(std::move(*socket));
}

void ToyInstance::onRequest(const GivePage& give) {
  Turn& turn = loop_.turn();
  Duration takes = mood_.usual / 2 + turn.rng.between(0ms, mood_.usual);
  if (turn.rng.chance(mood_.slowShare)) takes += mood_.slowBy;
  if (trouble_ == Trouble::Slow) takes += kSlowBy;
  const bool inWave = mood_.wave > 0ms && (turn.now - start_) % mood_.wave >= mood_.wave - mood_.failing;
  const bool fails = trouble_ == Trouble::Errors || inWave;
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

void ToyServices::trouble(size_t number, Trouble trouble) {
  loop_.mailbox().post([this, number, trouble] { instances_[number]->suffer(trouble); });
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
