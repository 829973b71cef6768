#include "tests/support/sim/upstream.h"

#include <algorithm>

namespace outrigger::sim {

using test::Behaviour;
using test::Headers;
using test::SeenRequest;

namespace {

Headers copyOf(const http::FieldList& fields) {
  Headers headers;
  for (const http::Field& field : fields) headers.emplace_back(field.name, field.value);
  return headers;
}

}  // namespace

class Upstream::Connection final : private TransportSink, private http::h1::ServerEvents {
 public:
  Connection(Upstream& upstream, std::unique_ptr<MemoryTransport> transport)
      : upstream_(upstream), transport_(std::move(transport)), codec_(upstream.scratch_, upstream.limits_, *this) {
    transport_->attach(*this);
  }
  ~Connection() { *alive_ = false; }

  bool idle() const { return !answering_ && codec_.atStart(); }
  void close(Transport::CloseMode mode) { transport_->close(mode); }
  void setReading(bool wanted) { wanted ? transport_->resume() : transport_->pause(); }
  void write(const std::string& octets) { transport_->write(octets); }
  void finish() {
    transport_->shutdown();
    if (std::exchange(finished_, true) || !peerEnded_) return;
    upstream_.network_.loop().in(1ms, [this, alive = alive_] {
      if (*alive) end(Transport::CloseMode::Normal);
    });
  }
  size_t heldBack() const { return transport_->heldBack(); }

 private:
  void onBytes(Bytes data) override {
    upstream_.octets_ += data;
    if (upgraded_) return transport_->write(data);
    input_ += data;
    read();
  }
  void onEnd() override {
    if (!upgraded_) return leave();
    peerEnded_ = true;
    transport_->write(farewell_);
    if (finished_) return end(Transport::CloseMode::Normal);
    finish();
  }
  void onLost(const char*) override { leave(); }
  void onDrained() override {}

  void read() {
    while (!input_.empty() && !codec_.requestComplete()) {
      const std::string input = input_;
      const auto used = codec_.feed(input);
      if (!used) return end(Transport::CloseMode::Reset);
      if (*used == 0) return;
      input_.erase(0, *used);
      if (requestEnded_ && !answering_ && codec_.requestComplete()) codec_.next();  // answered before it ended
    }
  }

  void onRequestHead(http::RequestHead& head) override {
    request_ = SeenRequest{
        std::string(head.methodText), std::string(head.path) + std::string(head.query), copyOf(head.fields), "", {}};
    upstream_.begun_.push_back(request_);
    begun_ = requestEnded_ = false;
    beginEarly();
  }
  void onBody(Bytes data) override {
    request_.body += data;
    beginEarly();
  }
  void onRequestEnd(http::FieldList trailers) override {
    request_.trailers = copyOf(trailers);
    upstream_.requests_.push_back(request_);
    requestEnded_ = true;
    if (!begun_) begin();
  }

  void beginEarly() {
    if (!begun_ && upstream_.early_ && request_.body.size() >= *upstream_.early_) begin();
  }
  void begin() {
    begun_ = answering_ = true;
    const Behaviour behaviour = upstream_.next();
    upstream_.network_.loop().in(behaviour.delay, [this, behaviour, alive = alive_] {
      if (*alive) answer(behaviour);
    });
  }

  void answer(const Behaviour& behaviour) {
    switch (behaviour.kind) {
      case Behaviour::Kind::Hang: return;
      case Behaviour::Kind::Reset: return end(Transport::CloseMode::Reset);
      case Behaviour::Kind::Close: return end(Transport::CloseMode::Normal);
      case Behaviour::Kind::Raw: return sendRaw(behaviour, 0);
      case Behaviour::Kind::Upgrade: return goOver(behaviour);
      case Behaviour::Kind::Reply: reply(behaviour); break;
    }
    answered(Behaviour::Ending::StaysOpen);
  }

  void goOver(const Behaviour& behaviour) {
    upgraded_ = true;
    answering_ = false;
    farewell_ = behaviour.body;
    transport_->write(test::encodeUpgrade(request_) + behaviour.raw + input_);
  }

  void sendRaw(const Behaviour& behaviour, size_t from) {
    const bool atOnce = behaviour.betweenOctets == Duration::zero();
    const size_t end = atOnce ? behaviour.raw.size() : std::min(from + 1, behaviour.raw.size());
    transport_->write(Bytes(behaviour.raw).substr(from, end - from));
    if (end == behaviour.raw.size()) return answered(behaviour.ending);
    upstream_.network_.loop().in(behaviour.betweenOctets, [this, behaviour, end, alive = alive_] {
      if (*alive) sendRaw(behaviour, end);
    });
  }

  void answered(Behaviour::Ending ending) {
    answering_ = false;
    if (ending == Behaviour::Ending::Closes) return transport_->shutdown();  // behind what is still to be sent
    if (ending == Behaviour::Ending::Resets) return end(Transport::CloseMode::Reset);
    if (!requestEnded_) return;
    codec_.next();
    read();
  }

  void reply(const Behaviour& behaviour) {
    Headers headers = behaviour.headers;
    const std::string number = request_.header(kNumberHeader);
    if (!number.empty()) headers.emplace_back(kNumberHeader, number);
    transport_->write(test::encodeResponse(behaviour.status, headers, behaviour.body, request_.method == "HEAD"));
  }

  void leave() {
    if (answering_) ++upstream_.cancelled_;
    end(Transport::CloseMode::Normal);
  }
  void end(Transport::CloseMode mode) {
    transport_->close(mode);
    upstream_.remove(*this);
  }

  Upstream& upstream_;
  std::unique_ptr<MemoryTransport> transport_;
  http::h1::ServerCodec codec_;
  std::string input_;
  SeenRequest request_;
  std::string farewell_;
  bool upgraded_ = false;
  bool peerEnded_ = false;
  bool finished_ = false;  // our side
  bool answering_ = false;
  bool begun_ = false;  // the behaviour for the present request
  bool requestEnded_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Upstream::Upstream(Network& network, const Address& address) : network_(network), address_(address) {
  up();
}

Upstream::~Upstream() {
  network_.close(address_);
}

void Upstream::up() {
  network_.listen(address_, [this](std::unique_ptr<MemoryTransport> transport) { accept(std::move(transport)); });
}

void Upstream::finish() {
  for (auto& connection : connections_) connection->finish();
}

void Upstream::down() {
  network_.close(address_);
  for (auto& connection : connections_) {
    connection->close(Transport::CloseMode::Reset);
    network_.loop().turn().graveyard.bury(std::move(connection));
  }
  connections_.clear();
}

void Upstream::closeIdle() {
  std::erase_if(connections_, [&](auto& connection) {
    if (!connection->idle()) return false;
    connection->close(Transport::CloseMode::Normal);
    network_.loop().turn().graveyard.bury(std::move(connection));
    return true;
  });
}

void Upstream::stall() {
  stalled_ = true;
  for (auto& connection : connections_) connection->setReading(false);
}

void Upstream::goOn() {
  stalled_ = false;
  for (auto& connection : connections_) connection->setReading(true);
}

void Upstream::push(const std::string& octets) {
  for (auto& connection : connections_) connection->write(octets);
}

size_t Upstream::heldBack() const {
  size_t octets = 0;
  for (const auto& connection : connections_) octets += connection->heldBack();
  return octets;
}

void Upstream::accept(std::unique_ptr<MemoryTransport> transport) {
  ++accepted_;
  connections_.push_back(std::make_unique<Connection>(*this, std::move(transport)));
  if (stalled_) connections_.back()->setReading(false);
}

void Upstream::remove(Connection& connection) {
  const auto at = std::ranges::find(connections_, &connection, &std::unique_ptr<Connection>::get);
  if (at == connections_.end()) return;
  network_.loop().turn().graveyard.bury(std::move(*at));
  connections_.erase(at);
}

}  // namespace outrigger::sim
