// Looks names up by c-ares on an event loop: one uv_poll for each of its sockets, one timer for its time-outs. Reads
// resolv.conf (servers, search domains) at the first name, not before, and anew after servers have failed; the hosts
// file counts too. On the loop's thread; outlives each Resolution.
//
// Bounded: so many queries at a time, so many that wait, each with an end. c-ares cannot withdraw one query of many:
// one whose Resolution has died goes on in silence and counts until it ends.
#pragma once

#include <map>
#include <optional>

#include "proxy/base/resolver.h"
#include "proxy/net/dns_query.h"
#include "proxy/net/event_loop.h"

namespace outrigger::net {

class DnsResolver final : public Resolver {
 public:
  explicit DnsResolver(EventLoop& loop, DnsOptions options = {});
  ~DnsResolver() override;

  std::unique_ptr<Resolution> resolve(const std::string& name, uint16_t port, ResolveSink& sink) override;
  std::unique_ptr<Resolution> resolveService(const std::string& name, ResolveSink& sink) override;

  // For DnsQuery.
  /// Begins the query, puts it in line, or ends it at once.
  void ask(DnsQuery& query);
  /// c-ares is done with a query, whether anybody still waits for it or not.
  void onQueryEnded(int status);
  EventLoop& loop() { return loop_; }
  const DnsOptions& options() const { return options_; }

 private:
  void begin(DnsQuery& query);
  void atRoom();
  bool openChannel();
  void closeChannel();
  void onSocket(int socket, bool reads, bool writes);
  static void onReady(uv_poll_t* poll, int status, int events);
  void onTimer();
  void armTimer();

  EventLoop& loop_;
  const DnsOptions options_;
  ares_channeldata* channel_ = nullptr;
  bool stale_ = false;  // the servers did not answer: what resolv.conf says may have changed
  size_t underWay_ = 0;
  DnsQuery::Line line_;
  std::map<int, HandleBox<uv_poll_t>> sockets_;
  Timer<DnsResolver, &DnsResolver::onTimer> timer_{*this};
  Timer<DnsResolver, &DnsResolver::atRoom> room_{*this};
};

}  // namespace outrigger::net
