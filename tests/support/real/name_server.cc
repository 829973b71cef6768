#include "tests/support/real/name_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>

#include "proxy/net/socket_address.h"

namespace outrigger::real {
namespace {

// RFC 1035 §3.2.2, RFC 3596, RFC 2782.
constexpr unsigned kA = 1;
constexpr unsigned kAaaa = 28;
constexpr unsigned kSrv = 33;
constexpr unsigned kServerFailure = 2;
constexpr unsigned kNoSuchName = 3;
constexpr size_t kHeader = 12;

void put16(std::string& out, unsigned value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value);
}

void putName(std::string& out, std::string_view name) {
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    out += static_cast<char>(label.size());
    out += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  out += '\0';
}

void putRecord(std::string& out, unsigned type, uint32_t ttl, const std::string& data) {
  put16(out, 0xc000 | kHeader);  // the name of the question
  put16(out, type);
  put16(out, 1);
  put16(out, ttl >> 16);
  put16(out, ttl & 0xffff);
  put16(out, static_cast<unsigned>(data.size()));
  out += data;
}

net::FileDescriptor bindAt(int type, const Address& address) {
  net::FileDescriptor fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const net::SocketAddress at = net::toSocketAddress(address);
  if (::bind(fd.get(), at.get(), at.size) != 0) return {};
  return fd;
}

}  // namespace

struct NameServer::Question {
  std::string id;
  std::string name;
  std::string octets;  // as it was asked
  unsigned type = 0;
};

NameServer::NameServer() {
  // A free port for UDP may be taken for TCP.
  for (int tries = 0; tries < 20 && !tcp_; ++tries) {
    udp_ = Socket(bindAt(SOCK_DGRAM, Address::loopback(0)));
    address_ = udp_.localAddress();
    tcp_ = Socket(bindAt(SOCK_STREAM, address_));
  }
  int ends[2];
  if (!tcp_ || ::listen(tcp_.fd(), 16) != 0 || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::runtime_error("no sockets for a name server");
  }
  wakeReader_ = Socket(net::FileDescriptor(ends[0]));
  wakeWriter_ = Socket(net::FileDescriptor(ends[1]));
  thread_ = std::thread([this] { run(); });
}

NameServer::~NameServer() {
  wakeWriter_.close();
  thread_.join();
}

void NameServer::has(const std::string& name, const std::vector<std::string>& addresses, uint32_t ttl) {
  const std::lock_guard lock(mutex_);
  names_[name] = {.addresses = addresses, .services = {}, .ttl = ttl};
}

void NameServer::hasServices(const std::string& name, const std::vector<Service>& services, uint32_t ttl) {
  const std::lock_guard lock(mutex_);
  names_[name] = {.addresses = {}, .services = services, .ttl = ttl};
}

void NameServer::forgets(const std::string& name) {
  const std::lock_guard lock(mutex_);
  names_.erase(name);
}

void NameServer::is(Mood mood) {
  const std::lock_guard lock(mutex_);
  mood_ = mood;
}

void NameServer::truncates() {
  const std::lock_guard lock(mutex_);
  truncates_ = true;
}

size_t NameServer::asked(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto at = asked_.find(name);
  return at == asked_.end() ? 0 : at->second;
}

size_t NameServer::askedByTcp() const {
  const std::lock_guard lock(mutex_);
  return askedByTcp_;
}

bool NameServer::waitForQuestions(const std::string& name, size_t count, Deadline deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return asked_[name] >= count; });
}

// ---- Its thread

void NameServer::run() {
  while (true) {
    pollfd watched[] = {{.fd = wakeReader_.fd(), .events = POLLIN, .revents = 0},
                        {.fd = udp_.fd(), .events = POLLIN, .revents = 0},
                        {.fd = tcp_.fd(), .events = POLLIN, .revents = 0}};
    ::poll(watched, 3, -1);
    if (watched[0].revents != 0) return;
    if (watched[1].revents != 0) serveUdp();
    if (watched[2].revents != 0) serveTcp();
  }
}

void NameServer::serveUdp() {
  char query[512];
  net::SocketAddress from;
  const ssize_t size = ::recvfrom(udp_.fd(), query, sizeof query, MSG_DONTWAIT, from.get(), &from.size);
  if (size < 0) return;
  const std::string said = answer({query, static_cast<size_t>(size)}, false);
  if (!said.empty()) ::sendto(udp_.fd(), said.data(), said.size(), 0, from.get(), from.size);
}

// One connection at a time, until its peer has gone.
void NameServer::serveTcp() {
  auto socket = tcp_.accept();
  std::string input;
  while (socket) {
    const Received received = socket->receive();
    if (received.kind != Received::Kind::Octets) return;
    input += received.octets;
    while (input.size() >= 2) {
      const size_t size = static_cast<unsigned char>(input[0]) * 256U + static_cast<unsigned char>(input[1]);
      if (input.size() < 2 + size) break;
      const std::string said = answer(std::string_view(input).substr(2, size), true);
      input.erase(0, 2 + size);
      std::string framed;
      put16(framed, static_cast<unsigned>(said.size()));
      if (!said.empty()) socket->send(framed + said);
    }
  }
}

std::string NameServer::answer(std::string_view query, bool overTcp) {
  Question question;
  if (query.size() < kHeader + 5) return "";
  size_t at = kHeader;
  while (at < query.size() && query[at] != '\0') {
    const auto length = static_cast<size_t>(query[at]);
    if (!question.name.empty()) question.name += '.';
    question.name += query.substr(at + 1, length);
    at += 1 + length;
  }
  if (at + 5 > query.size()) return "";
  question.id = query.substr(0, 2);
  question.octets = query.substr(kHeader, at + 5 - kHeader);
  question.type = static_cast<unsigned char>(query[at + 2]);
  const std::lock_guard lock(mutex_);
  ++asked_[question.name];
  if (overTcp) ++askedByTcp_;
  changed_.notify_all();
  if (mood_ == Mood::SaysNothing) return "";
  const auto known = names_.find(question.name);
  std::string said = write(question, known == names_.end() ? nullptr : &known->second);
  if (!truncates_ || overTcp) return said;
  said.resize(kHeader + question.octets.size());
  said[2] |= 0x02;  // TC
  said[7] = 0;      // no answers
  return said;
}

std::string NameServer::write(const Question& question, const Records* records) const {
  std::string answers;
  unsigned count = 0;
  const auto put = [&](unsigned type, const std::string& data) {
    if (type != question.type) return;
    putRecord(answers, type, records->ttl, data);
    ++count;
  };
  if (records != nullptr && mood_ == Mood::Answers) {
    for (const std::string& text : records->addresses) {
      const bool four = text.find(':') == std::string::npos;
      const Address address = Address::parse(four ? text + ":0" : "[" + text + "]:0").value();
      put(four ? kA : kAaaa, std::string(reinterpret_cast<const char*>(address.octets().data()), four ? 4 : 16));
    }
    for (const Service& service : records->services) {
      std::string data;
      for (const unsigned value : {service.priority, service.weight, service.port}) put16(data, value);
      putName(data, service.host);
      put(kSrv, data);
    }
  }
  const unsigned code = mood_ == Mood::Fails ? kServerFailure : records == nullptr ? kNoSuchName : 0;
  std::string said = question.id;
  put16(said, 0x8180 | code);  // an answer; recursion was desired, and is available
  put16(said, 1);
  put16(said, count);
  put16(said, 0);
  put16(said, 0);
  return said + question.octets + answers;
}

}  // namespace outrigger::real
