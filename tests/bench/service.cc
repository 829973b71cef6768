#include "tests/bench/service.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace outrigger::bench {
namespace {

constexpr Bytes kGood = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello\n";
constexpr Bytes kHalf = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhel";
constexpr Duration kPatienceOfApps = 10s;
constexpr size_t kConnectionsOfApps = 2000;

std::string failure(uint16_t status) {
  return "HTTP/1.1 " + std::to_string(status) + " Failed\r\ncontent-length: 7\r\n\r\nfailed\n";
}

Duration scaled(Duration span, double factor) {
  return Duration(static_cast<int64_t>(static_cast<double>(span.count()) * factor));
}

double milliseconds(Duration span) {
  return static_cast<double>(span.count()) / 1e6;
}

// A draw from the normal law (Box and Muller, 1958).
double normal(Rng& rng) {
  return std::sqrt(-2 * std::log(1 - rng.unit())) * std::cos(2 * std::numbers::pi * rng.unit());
}

}  // namespace

Duration Law::draw(Rng& rng) const {
  switch (kind) {
    case Kind::Constant: return typical;
    case Kind::Exponential: return scaled(typical, -std::log(1 - rng.unit()));
    case Kind::Lognormal: return scaled(typical, std::exp(sigma * normal(rng)));
  }
  return typical;
}

/// A request from its arrival to its end here.
struct Endpoint::Job {
  Endpoint& endpoint;
  uint64_t number;
  Connection* caller;  // nullptr: it is lost
  std::string id, requestId;
  Instant arrived{}, begun{};
  Instant leftAt = kNever;
  Instant sent = kNever;  // kNever: the request did not say
  Fault fault = Fault::None;
  bool gone = false;  // the caller has ended its side, or more
  bool running = false;
  std::multimap<Instant, Job*>::iterator due{};
  bool scheduled = false;

  Instant deadline() const {
    return endpoint.behaviour.deadline == 0ms ? kNever : after(sent, endpoint.behaviour.deadline);
  }
};

class Endpoint::Connection final : private TransportSink, private http::h1::ServerEvents {
 public:
  Connection(Endpoint& endpoint, std::unique_ptr<Transport> transport)
      : endpoint_(endpoint),
        codec_(endpoint.service_.scratch_, endpoint.service_.limits_, *this),
        transport_(std::move(transport)) {
    transport_->attach(*this);
  }

  void answer(Bytes text) {
    job = nullptr;
    transport_->write({&text, 1});
    if (!keep_) return leave();
    codec_.next();
    read();
  }
  void breakWith(Bytes text) {
    if (!text.empty()) transport_->write({&text, 1});
    job = nullptr;
    transport_->close(Transport::CloseMode::Reset);
    endpoint_.remove(*this);
  }

  Job* job = nullptr;
  bool isCheck = false;
  std::string id, requestId;
  Instant sent = kNever;

 private:
  void onBytes(Bytes data) override {
    input_ += data;
    if (job == nullptr) read();
  }
  // Some hear it and stop; others work on and write their answer all the same, and until then the connection stands.
  void onEnd() override {
    keep_ = false;
    if (job == nullptr || endpoint_.stopsFor(*job)) return leave();
    endpoint_.onCallerGone(*job);
  }
  void onLost(const char*) override { leave(); }
  void onDrained() override {}

  void onRequestHead(http::RequestHead& head) override {
    keep_ = head.keepAlive;
    isCheck = head.path == "/healthz";
    id = text(head, "x-id");
    requestId = text(head, "x-request-id");
    const std::string stamp = text(head, "x-sent");
    int64_t microseconds = 0;
    const bool said = std::from_chars(stamp.data(), stamp.data() + stamp.size(), microseconds).ec == std::errc();
    sent = said ? Instant(std::chrono::microseconds(microseconds)) : kNever;
  }
  void onBody(Bytes) override {}
  void onRequestEnd(http::FieldList) override {}

  static std::string text(const http::RequestHead& head, Bytes name) {
    const http::Field* field = head.fields.find(name);
    return field == nullptr ? std::string() : std::string(field->value);
  }

  void read() {
    while (!input_.empty()) {
      const auto used = codec_.feed(input_);
      if (!used) return leave();
      input_.erase(0, *used);
      if (codec_.requestComplete()) return endpoint_.onRequest(*this);
      if (*used == 0) return;
    }
  }

  void leave() {
    transport_->close(Transport::CloseMode::Normal);
    if (job != nullptr) endpoint_.onConnectionLost(*std::exchange(job, nullptr));
    endpoint_.remove(*this);
  }

  Endpoint& endpoint_;
  http::h1::ServerCodec codec_;
  std::unique_ptr<Transport> transport_;
  std::string input_;
  bool keep_ = true;
};

Endpoint::Endpoint(Service& service, uint16_t port) : service_(service), address_(Address::loopback(port)) {
  revive();
}

Endpoint::~Endpoint() = default;

Fault Endpoint::drawFault() {
  Rng& rng = service_.loop_.turn().rng;
  if (rng.chance(behaviour.faultShare)) return behaviour.fault;
  if (!rng.chance(behaviour.crashShare)) return Fault::None;
  static constexpr Fault kCrashes[] = {Fault::CrashBeforeRead, Fault::CrashAfterRead, Fault::CrashAfterCommit,
                                       Fault::CrashMidReply,   Fault::Refuse,         Fault::Unavailable};
  return rng.chance(behaviour.afterCommit) ? Fault::CrashAfterCommit : kCrashes[rng.below(std::size(kCrashes))];
}

void Endpoint::accept(net::AcceptedSocket socket) {
  auto transport = service_.loop_.adopt(std::move(socket.fd), socket.peer);
  if (transport != nullptr) connections_.push_back(std::make_unique<Connection>(*this, std::move(transport)));
}

void Endpoint::onRequest(Connection& caller) {
  if (caller.isCheck) return behaviour.healthy ? caller.answer(kGood) : caller.answer(failure(503));
  const Instant now = service_.loop_.turn().now;
  ++counts.begun;
  const auto bucket = static_cast<size_t>((now - service_.since_) / Service::kBucket);
  if (counts.series.size() <= bucket) counts.series.resize(bucket + 1);
  ++counts.series[bucket];

  const uint64_t number = ++service_.lastJob_;
  auto made = std::make_unique<Job>(*this, number, &caller, std::move(caller.id), std::move(caller.requestId));
  Job& job = *made;
  job.arrived = now;
  job.sent = caller.sent;
  job.fault = drawFault();
  if (now > after(job.deadline(), kOnItsWay)) ++counts.late;
  if (job.fault != Fault::None) ++counts.faults;
  if (job.fault == Fault::CrashBeforeRead) return caller.breakWith({});
  if (behaviour.ledger && !service_.read_.insert(job.id).second) ++counts.readTwice;
  caller.job = &job;
  jobs_[number] = std::move(made);
  if (job.fault == Fault::Hang) return;  // for ever, and in nobody's way
  if (behaviour.slots == 0 || busy_ < behaviour.slots) return begin(job);
  queue_.push_back(&job);
  counts.mostQueued = std::max(counts.mostQueued, queue_.size());
}

bool Endpoint::stopsFor(const Job& job) const {
  return behaviour.notices || job.fault == Fault::Hang;
}

void Endpoint::onCallerGone(Job& job) {
  if (std::exchange(job.gone, true)) return;
  job.leftAt = service_.loop_.turn().now;
  if (job.deadline() == kNever) return;
  counts.leftAfter.push_back(static_cast<float>(milliseconds(service_.loop_.turn().now - job.deadline())));
}

void Endpoint::onConnectionLost(Job& job) {
  job.caller = nullptr;
  onCallerGone(job);
  if (!stopsFor(job)) return;
  ++counts.stopped;
  end(job);
}

void Endpoint::begin(Job& job) {
  ++busy_;
  job.running = true;
  Turn& turn = service_.loop_.turn();
  job.begun = turn.now;
  if (next_ != nullptr) {
    std::string text = "GET / HTTP/1.1\r\nhost: " + nextHost_ + "\r\n";
    if (!job.requestId.empty()) text += "x-request-id: " + job.requestId + "\r\n";
    if (job.sent != kNever) text += "x-sent: " + std::to_string(job.sent.time_since_epoch() / 1us) + "\r\n";
    next_->ask(text + "\r\n", http::Method::Get, turn.now + kPatienceOfApps,
               [this, number = job.number](const Answer& answer) {
                 const auto at = jobs_.find(number);
                 if (at != jobs_.end()) onServed(*at->second, answer.status / 100 == 2 ? 200 : 500);
               });
    return;
  }
  Duration takes = behaviour.law.draw(turn.rng);
  if (turn.rng.chance(behaviour.extraShare)) takes += behaviour.extra;
  schedule(job, std::max(turn.now, stalledUntil_) + scaled(takes, behaviour.scale));
}

void Endpoint::schedule(Job& job, Instant due) {
  if (job.scheduled) service_.due_.erase(job.due);
  job.due = service_.due_.emplace(due, &job);
  job.scheduled = true;
  service_.arm();
}

void Endpoint::stall(Duration span) {
  const Instant now = service_.loop_.turn().now;
  stalledUntil_ = now + span;
  for (auto& [number, job] : jobs_) {
    if (job->scheduled) schedule(*job, job->due->first + span);
  }
}

void Endpoint::callOn(const Address& through, const std::string& host) {
  next_ = std::make_unique<HttpClient>(service_.loop_, through, kConnectionsOfApps);
  nextHost_ = host;
}

void Endpoint::commit(const Job& job) {
  if (!behaviour.ledger) return;
  if (service_.ledger_.insert(job.id).second) {
    ++counts.entries;
  } else if (!behaviour.knowsKeys) {
    ++counts.duplicates;
  }
}

void Endpoint::onServed(Job& job, uint16_t status) {
  ++counts.finished;
  if (job.gone || service_.loop_.turn().now > job.deadline()) ++counts.departed;
  Connection* caller = std::exchange(job.caller, nullptr);
  const Fault fault = job.fault;
  if (fault != Fault::None && counts.met.size() < Service::kMostMet) {
    counts.met.emplace_back(job.arrived, service_.loop_.turn().now);
  }
  const bool commits = fault == Fault::None || fault == Fault::Refuse || fault == Fault::CrashAfterCommit ||
                       fault == Fault::CrashMidReply;
  if (commits && status < 400) commit(job);
  if (caller != nullptr) caller->job = nullptr;
  end(job);
  if (fault == Fault::Refuse) refuseForAWhile(caller);
  if (caller == nullptr) return;
  switch (fault) {
    case Fault::None:
    case Fault::Refuse: return status < 400 ? caller->answer(kGood) : caller->answer(failure(status));
    case Fault::Unavailable: return caller->answer(failure(503));
    case Fault::CrashMidReply: return caller->breakWith(kHalf);
    default: return caller->breakWith({});
  }
}

void Endpoint::end(Job& job) {
  if (job.scheduled) service_.due_.erase(job.due);
  if (job.running) {
    --busy_;
    const Instant now = service_.loop_.turn().now;
    counts.worked += now - job.begun;
    counts.wasted += std::max(Duration::zero(), now - std::max(job.begun, std::min(job.leftAt, job.deadline())));
  } else {
    std::erase(queue_, &job);
  }
  jobs_.erase(job.number);
  while (!queue_.empty() && (behaviour.slots == 0 || busy_ < behaviour.slots)) {
    Job& following = *queue_.front();
    queue_.pop_front();
    begin(following);
  }
}

void Endpoint::kill() {
  listener_.reset();
  reviving_.disarm();
  for (auto& connection : connections_) connection->job = nullptr;
  while (!connections_.empty()) connections_.back()->breakWith({});
  for (auto& [number, job] : jobs_) {
    if (job->scheduled) service_.due_.erase(job->due);
  }
  jobs_.clear();
  queue_.clear();
  busy_ = 0;
}

void Endpoint::revive() {
  if (listener_ != nullptr) return;
  auto socket = net::bindAndListen(address_);
  if (!socket) throw std::runtime_error(socket.error());
  listener_ = std::make_unique<net::Listener>(
      service_.loop_, std::move(*socket), [this](net::AcceptedSocket accepted) { accept(std::move(accepted)); }, [] {});
}

void Endpoint::refuseForAWhile(const Connection* spared) {
  if (listener_ == nullptr) return;
  listener_.reset();
  std::vector<Connection*> idle;
  for (auto& connection : connections_) {
    if (connection->job == nullptr && connection.get() != spared) idle.push_back(connection.get());
  }
  for (Connection* connection : idle) connection->breakWith({});
  Turn& turn = service_.loop_.turn();
  turn.timers.arm(reviving_, turn.now + kRefusing);
}

void Endpoint::remove(Connection& connection) {
  const auto at = std::ranges::find(connections_, &connection, &std::unique_ptr<Connection>::get);
  if (at == connections_.end()) return;
  service_.loop_.turn().graveyard.bury(std::move(*at));
  connections_.erase(at);
}

Service::Service(net::EventLoop& loop) : loop_(loop), since_(loop.turn().now), timer_(loop, [this] { onDue(); }) {}

Endpoint& Service::at(uint16_t port) {
  std::unique_ptr<Endpoint>& found = endpoints_[port];
  if (found == nullptr) found = std::make_unique<Endpoint>(*this, port);
  return *found;
}

void Service::resetCounts() {
  since_ = loop_.turn().now;
  read_.clear();
  ledger_.clear();
  for (auto& [port, endpoint] : endpoints_) endpoint->counts = {};
}

void Service::arm() {
  const Instant first = due_.empty() ? kNever : due_.begin()->first;
  if (first == armedFor_) return;
  armedFor_ = first;
  timer_.arm(first);
}

void Service::onDue() {
  armedFor_ = kNever;
  while (!due_.empty() && due_.begin()->first <= loop_.turn().now) {
    Endpoint::Job& job = *due_.begin()->second;
    due_.erase(due_.begin());
    job.scheduled = false;
    job.endpoint.onServed(job, 200);
  }
  arm();
}

}  // namespace outrigger::bench
