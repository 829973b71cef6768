#include "tests/support/real/upstream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <stdexcept>

namespace outrigger::real {

using test::Behaviour;
using test::SeenRequest;

namespace {

test::Headers copyOf(const http::FieldList& fields) {
  test::Headers headers;
  for (const http::Field& field : fields) headers.emplace_back(field.name, field.value);
  return headers;
}

}  // namespace

class Upstream::Connection final : private http::h1::ServerEvents {
 public:
  Connection(Upstream& upstream, Socket socket)
      : upstream_(upstream), socket_(std::move(socket)), codec_(upstream.scratch_, upstream.limits_, *this) {}

  bool over() const { return !socket_; }
  Deadline nextWake() const { return due_ ? due_->at : Deadline::max(); }
  pollfd interest() const {
    return {
        .fd = socket_.fd(), .events = static_cast<short>(output_.empty() ? POLLIN : POLLIN | POLLOUT), .revents = 0};
  }

  void onReady(short events) {
    if ((events & POLLOUT) != 0) write();
    if (!over() && (events & (POLLIN | POLLHUP | POLLERR)) != 0) read();
  }
  void onTime() {
    if (due_ && due_->at <= Clock::now()) answer(std::exchange(due_, std::nullopt)->behaviour);
  }

 private:
  struct Due {
    Deadline at;
    Behaviour behaviour;
  };

  void read() {
    Received received = socket_.receive(Clock::now());
    if (received.kind == Received::Kind::TimedOut) return;
    if (upgraded_) return echo(received);
    if (received.kind != Received::Kind::Octets) return socket_.close();
    input_ += received.octets;
    parse();
  }

  void echo(const Received& received) {
    if (received.kind == Received::Kind::Lost) return socket_.close();
    if (received.kind == Received::Kind::End) {
      send(farewell_);
      ending_ = Behaviour::Ending::Closes;
    }
    send(received.octets);
    write();
  }

  void parse() {
    while (!over() && !input_.empty() && !codec_.requestComplete()) {
      const auto used = codec_.feed(input_);
      if (!used) return socket_.reset();
      if (*used == 0) return;
      input_.erase(0, *used);
    }
  }

  void onRequestHead(http::RequestHead& head) override {
    request_ = SeenRequest{
        std::string(head.methodText), std::string(head.path) + std::string(head.query), copyOf(head.fields), "", {}};
    if (head.expectContinue) send("HTTP/1.1 100 Continue\r\n\r\n");
  }
  void onBody(Bytes data) override { request_.body += data; }
  void onRequestEnd(http::FieldList trailers) override {
    request_.trailers = copyOf(trailers);
    upstream_.onRequest(request_);
    const Behaviour& behaviour = upstream_.next();
    due_ = Due{Clock::now() + std::chrono::duration_cast<Clock::duration>(behaviour.delay), behaviour};
  }

  void answer(const Behaviour& behaviour) {
    switch (behaviour.kind) {
      case Behaviour::Kind::Hang: return;
      case Behaviour::Kind::Reset: return socket_.reset();
      case Behaviour::Kind::Close: return socket_.close();
      case Behaviour::Kind::Raw: send(behaviour.raw); break;
      case Behaviour::Kind::Upgrade: return goOver(behaviour);
      case Behaviour::Kind::Reply:
        send(test::encodeResponse(behaviour.status, behaviour.headers, behaviour.body, request_.method == "HEAD"));
        break;
    }
    ending_ = behaviour.ending;
    write();
    if (over()) return;
    codec_.next();
    parse();
  }

  void goOver(const Behaviour& behaviour) {
    upgraded_ = true;
    farewell_ = behaviour.body;
    send(test::encodeUpgrade(request_) + behaviour.raw + std::exchange(input_, {}));
    write();
  }

  void send(const std::string& octets) { output_ += octets; }

  void write() {
    while (!output_.empty()) {
      const ssize_t taken = ::send(socket_.fd(), output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (taken < 0 && errno == EAGAIN) return;
      if (taken < 0) return socket_.close();
      output_.erase(0, static_cast<size_t>(taken));
    }
    if (ending_ == Behaviour::Ending::Closes) socket_.close();
    if (ending_ == Behaviour::Ending::Resets) socket_.reset();
  }

  Upstream& upstream_;
  Socket socket_;
  http::h1::ServerCodec codec_;
  std::string input_;
  std::string output_;
  SeenRequest request_;
  std::string farewell_;
  bool upgraded_ = false;
  std::optional<Due> due_;
  Behaviour::Ending ending_ = Behaviour::Ending::StaysOpen;
};

Upstream::Upstream() : listener_(Socket::listenAnywhere()), address_(listener_.localAddress()) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
  wakeReader_ = Socket(net::FileDescriptor(ends[0]));
  wakeWriter_ = Socket(net::FileDescriptor(ends[1]));
}

Upstream::~Upstream() {
  wakeWriter_.close();
  if (thread_.joinable()) thread_.join();
}

void Upstream::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Upstream::run() {
  while (true) {
    std::vector<pollfd> watched{{.fd = wakeReader_.fd(), .events = POLLIN, .revents = 0},
                                {.fd = listener_.fd(), .events = POLLIN, .revents = 0}};
    Deadline wake = Deadline::max();
    for (const auto& connection : connections_) {
      watched.push_back(connection->interest());
      wake = std::min(wake, connection->nextWake());
    }
    ::poll(watched.data(), watched.size(), wake == Deadline::max() ? -1 : millisecondsUntil(wake));
    if (watched[0].revents != 0) return;
    size_t at = 2;
    for (const auto& connection : connections_) {
      if (const short events = watched[at++].revents; events != 0) connection->onReady(events);
      if (!connection->over()) connection->onTime();
    }
    std::erase_if(connections_, [](const auto& connection) { return connection->over(); });
    if (watched[1].revents != 0) accept();
  }
}

void Upstream::accept() {
  auto socket = listener_.accept(Clock::now());
  if (!socket) return;
  connections_.push_back(std::make_unique<Connection>(*this, std::move(*socket)));
  const std::lock_guard lock(mutex_);
  ++accepted_;
}

void Upstream::onRequest(const SeenRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  changed_.notify_all();
}

size_t Upstream::hits() const {
  const std::lock_guard lock(mutex_);
  return requests_.size();
}

std::vector<SeenRequest> Upstream::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

size_t Upstream::connectionsAccepted() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

bool Upstream::waitForHits(size_t hits, Deadline deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return requests_.size() >= hits; });
}

}  // namespace outrigger::real
