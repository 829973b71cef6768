// One question to c-ares: the addresses of a name, or its SRV records. Waits in the resolver's line until its turn
// comes. What the resolver's Resolutions are made of; nobody else needs it.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "proxy/base/list.h"
#include "proxy/base/resolver.h"
#include "proxy/base/turn.h"

struct ares_channeldata;
struct ares_addrinfo;

namespace outrigger::net {

class DnsResolver;

struct DnsOptions {
  std::optional<Address> server{};  ///< instead of those in resolv.conf
  Duration timeout = 2s;            ///< of one question to one server; doubled each time all have been asked
  int tries = 2;                    ///< how often each server is asked
  Duration limit = 10s;             ///< of a query as a whole, its wait included
  size_t atOnce = 64;               ///< queries under way
  size_t waiting = 1'000;           ///< queries that wait for one of them to end
};

struct DnsLineTag;

class DnsQuery : public ListNode<DnsLineTag>, private AtSettle {
 public:
  enum class Kind : uint8_t { Addresses, Services };
  using Line = List<DnsQuery, DnsLineTag>;

  DnsQuery(DnsResolver& resolver, Kind kind, std::string name);

  bool waits() const { return ListNode<DnsLineTag>::linked(); }
  /// Hands the question to c-ares, which may answer in here.
  void begin(ares_channeldata* channel);
  /// onAnswered() follows, after the present callback.
  void end(int status);

 protected:
  virtual ~DnsQuery();

  /// Takes what it needs of an answer that came; the result is ARES_SUCCESS, or what is wrong with it.
  virtual int takeAddresses(const ares_addrinfo&) { return kUnexpected; }
  virtual int takeServices(std::span<const unsigned char>) { return kUnexpected; }
  /// Called once; `status` is c-ares's. This may die in it.
  virtual void onAnswered(int status) = 0;

 private:
  static constexpr int kUnexpected = 10;  // ARES_EBADRESP

  /// What c-ares holds; it outlives the query where that has been given up.
  struct Ticket {
    DnsResolver& resolver;
    DnsQuery* query;
  };

  static void onAddresses(void* ticket, int status, int timeouts, ares_addrinfo* answer);
  static void onServices(void* ticket, int status, int timeouts, unsigned char* answer, int size);
  static void close(void* ticket, int status);
  void onLimit();
  void atSettle() override;

  DnsResolver& resolver_;
  const Kind kind_;
  const std::string name_;
  Ticket* ticket_ = nullptr;  // while c-ares has it
  int status_ = 0;
  bool ended_ = false;
  Timer<DnsQuery, &DnsQuery::onLimit> limit_{*this};
};

/// What c-ares's status means to us.
ResolveError resolveError(int status);

}  // namespace outrigger::net
