#include "tests/support/sim/service.h"

#include <algorithm>

namespace outrigger::sim {

struct Service::Work {
  Job job;
  Connection* connection;  // nullptr: the caller has left
  size_t place = 0;        // among those that run
  bool over = false;
};

class Service::Connection final : private TransportSink {
 public:
  Connection(Service& service, std::unique_ptr<MemoryTransport> transport)
      : service_(service), transport_(std::move(transport)) {
    transport_->attach(*this);
  }

  void answer(Bytes octets) {
    work_ = nullptr;
    transport_->write(octets);
    if (ended_) return service_.remove(*this, Transport::CloseMode::Normal);
    if (!input_.empty()) read("");
  }
  void close(Transport::CloseMode mode) { transport_->close(mode); }
  void take(std::shared_ptr<Work> work) { work_ = std::move(work); }
  const std::shared_ptr<Work>& work() const { return work_; }
  size_t place = 0;  // among the connections

 private:
  void onBytes(Bytes data) override { read(data); }
  // As servers do that look at a connection again only when they have answered: it stays until then.
  void onEnd() override {
    ended_ = true;
    if (work_ != nullptr) service_.leave(work_);
    if (work_ == nullptr || service_.noticesClose_) service_.remove(*this, Transport::CloseMode::Normal);
  }
  void onLost(const char*) override { service_.remove(*this, Transport::CloseMode::Normal); }
  void onDrained() override {}

  // One request at a time; what comes behind it waits.
  void read(Bytes data) {
    if (work_ == nullptr && input_.empty()) {
      const auto message = firstMessage(data);
      if (message) data.remove_prefix(message->size());
      input_ = data;
      if (message) service_.arrive(*this, *message);
      return;
    }
    input_ += data;
    if (work_ != nullptr || input_.empty()) return;
    const std::string all = std::exchange(input_, {});
    read(all);
  }

  Service& service_;
  std::unique_ptr<MemoryTransport> transport_;
  std::string input_;
  std::shared_ptr<Work> work_;
  bool ended_ = false;  // the caller says nothing more
};

Service::Service(Network& network, const Address& address, uint64_t seed)
    : network_(network), address_(address), rng_(seed) {
  restart();
}

Service::~Service() {
  network_.close(address_);
}

Service& Service::slots(size_t count) {
  slots_ = count;
  startNext();
  return *this;
}

Service& Service::takes(const Law& law) {
  law_ = law;
  return *this;
}

Service& Service::fails(double share, Failure how) {
  failShare_ = share;
  failure_ = how;
  return *this;
}

Service& Service::noticesClose(bool notices) {
  noticesClose_ = notices;
  return *this;
}

Service& Service::does(Task task) {
  task_ = std::move(task);
  return *this;
}

void Service::stall(Duration span) {
  stalledUntil_ = std::max(stalledUntil_, network_.loop().now()) + span;
  for (const auto& work : running_) work->job.endsAt = after(work->job.endsAt, span);
  network_.loop().at(stalledUntil_, [this] { startNext(); });
}

void Service::restart() {
  network_.listen(address_, [this](std::unique_ptr<MemoryTransport> transport) { accept(std::move(transport)); });
}

void Service::kill() {
  network_.close(address_);
  for (const auto& work : running_) work->over = true;
  for (const auto& work : queue_) work->over = true;
  running_.clear();
  queue_.clear();
  for (auto& connection : connections_) {
    connection->close(Transport::CloseMode::Reset);
    network_.loop().turn().graveyard.bury(std::move(connection));
  }
  connections_.clear();
}

void Service::accept(std::unique_ptr<MemoryTransport> transport) {
  connections_.push_back(std::make_unique<Connection>(*this, std::move(transport)));
  connections_.back()->place = connections_.size() - 1;
}

void Service::remove(Connection& connection, Transport::CloseMode mode) {
  if (connection.work() != nullptr) {
    leave(connection.work());
    connection.work()->connection = nullptr;
  }
  connection.close(mode);
  const size_t place = connection.place;
  std::swap(connections_[place], connections_.back());
  connections_[place]->place = place;
  network_.loop().turn().graveyard.bury(std::move(connections_.back()));
  connections_.pop_back();
}

void Service::arrive(Connection& connection, const Message& message) {
  auto work = std::make_shared<Work>(Work{.job = {.head = std::string(message.head)}, .connection = &connection});
  work->job.arrivedAt = network_.loop().now();
  connection.take(work);
  ++counters_.begun;
  const Bytes number = message.field(kNumberHeader);
  if (!number.empty() && !numbers_.insert(numberIn(number, 0)).second) ++counters_.duplicates;
  if (onArrival_) onArrival_(work->job);
  queue_.push_back(std::move(work));
  counters_.mostInHand = std::max(counters_.mostInHand, inHand());
  startNext();
}

void Service::leave(const std::shared_ptr<Work>& work) {
  if (work->over || work->job.leftAt != kNever) return;
  work->job.leftAt = network_.loop().now();
  ++counters_.left;
  if (onLeft_) onLeft_(work->job);
  if (!noticesClose_) return;
  if (work->job.startedAt == kNever) {
    work->over = true;
    std::erase(queue_, work);
  } else {
    release(*work);
    startNext();
  }
}

void Service::startNext() {
  while (!queue_.empty() && running_.size() < slots_ && network_.loop().now() >= stalledUntil_) {
    const auto work = std::move(queue_.front());
    queue_.pop_front();
    work->place = running_.size();
    running_.push_back(work);
    work->job.startedAt = network_.loop().now();
    work->job.endsAt = work->job.startedAt + law_.draw(rng_);
    network_.loop().at(work->job.endsAt, [this, work] { onTime(work); });
  }
}

void Service::onTime(const std::shared_ptr<Work>& work) {
  if (work->over) return;
  if (network_.loop().now() < work->job.endsAt) {  // a stall came between
    return network_.loop().at(work->job.endsAt, [this, work] { onTime(work); });
  }
  if (failShare_ > 0 && rng_.chance(failShare_)) return fail(work);
  if (!task_) return reply(work, 200);
  work->job.endsAt = kNever;
  task_(work->job, [this, work](int status) { reply(work, status); });
}

void Service::fail(const std::shared_ptr<Work>& work) {
  ++counters_.failed;
  if (failure_ == Failure::Status503) return reply(work, 503);
  release(*work);
  if (work->connection != nullptr && failure_ != Failure::Hang) {
    remove(*work->connection, failure_ == Failure::Reset ? Transport::CloseMode::Reset : Transport::CloseMode::Normal);
  }
  startNext();
}

void Service::reply(const std::shared_ptr<Work>& work, int status) {
  if (work->over) return;
  release(*work);
  ++counters_.finished;
  if (work->connection != nullptr) {
    std::string octets = status == 200 ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 " + std::to_string(status) + " X\r\n";
    const Bytes number = work->job.field(kNumberHeader);
    if (!number.empty()) octets.append(kNumberHeader).append(": ").append(number).append("\r\n");
    octets += "content-length: 2\r\n\r\nok";
    work->connection->answer(octets);
  }
  startNext();
}

// The worker is free, and what it did is counted.
void Service::release(Work& work) {
  work.over = true;
  const Instant now = network_.loop().now();
  counters_.worked += now - work.job.startedAt;
  if (work.job.leftAt < now) counters_.wasted += now - std::max(work.job.startedAt, work.job.leftAt);
  if (onWorked_) onWorked_(work.job);
  std::swap(running_[work.place], running_.back());
  running_[work.place]->place = work.place;
  running_.pop_back();
}

}  // namespace outrigger::sim
