// A DNS server with a script: UDP and TCP on one port of 127.0.0.1, a thread of its own. What it is to say may be
// changed at any time, from any thread. Names in lower case, without a dot at the end; what it does not know does not
// exist.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "proxy/base/address.h"
#include "tests/support/real/socket.h"

namespace outrigger::real {

class NameServer {
 public:
  struct Service {
    uint16_t priority;
    uint16_t weight;
    uint16_t port;
    std::string host;
  };
  enum class Mood : uint8_t {
    Answers,
    Fails,        ///< SERVFAIL
    SaysNothing,  ///< as if it were not there
  };

  NameServer();
  ~NameServer();

  const Address& address() const { return address_; }

  /// IPv4 and IPv6 addresses, in this order; none: the name is known, without addresses.
  void has(const std::string& name, const std::vector<std::string>& addresses, uint32_t ttl = 0);
  void hasServices(const std::string& name, const std::vector<Service>& services, uint32_t ttl = 0);
  void forgets(const std::string& name);
  void is(Mood mood);
  /// Answers over UDP say that they are cut off: who asks must come again by TCP.
  void truncates();

  /// Questions about addresses or services of that name, over UDP or TCP.
  size_t asked(const std::string& name) const;
  size_t askedByTcp() const;
  bool waitForQuestions(const std::string& name, size_t count, Deadline deadline = soon());

 private:
  struct Question;
  struct Records {
    std::vector<std::string> addresses;
    std::vector<Service> services;
    uint32_t ttl = 0;
  };

  void run();
  void serveUdp();
  void serveTcp();
  /// Empty: nothing is said.
  std::string answer(std::string_view query, bool overTcp);
  std::string write(const Question& question, const Records* records) const;

  Socket udp_;
  Socket tcp_;
  Socket wakeReader_;
  Socket wakeWriter_;
  Address address_;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Records> names_;
  std::map<std::string, size_t> asked_;
  Mood mood_ = Mood::Answers;
  bool truncates_ = false;
  size_t askedByTcp_ = 0;
};

}  // namespace outrigger::real
