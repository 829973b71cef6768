// SRV records of one name (RFC 2782), and the addresses of their targets. What DnsResolver::resolveService() gives.
// Takes the records of the lowest priority only: who fails over to the others is the caller's policy, not the DNS.
#pragma once

#include <memory>
#include <vector>

#include "proxy/net/dns_query.h"

namespace outrigger::net {

class ServiceLookup final : public Resolution, public DnsQuery {
 public:
  ServiceLookup(DnsResolver& resolver, const std::string& name, ResolveSink& sink)
      : DnsQuery(resolver, Kind::Services, name), resolver_(resolver), sink_(sink) {}

 private:
  struct Record {
    std::string host;
    uint16_t port;
    uint32_t weight;
  };
  struct Target final : ResolveSink {
    Target(ServiceLookup& lookup, const Record& record);
    void onResolved(Resolved resolved) override { lookup.onTarget(*this, std::move(resolved)); }
    void onResolveFailed(const ResolveError& error) override { lookup.onTargetFailed(error); }

    ServiceLookup& lookup;
    const uint32_t weight;
    Resolved found;
    std::unique_ptr<Resolution> resolution;
  };

  int takeServices(std::span<const unsigned char> answer) override;
  void onAnswered(int status) override;
  void onTarget(Target& target, Resolved resolved);
  void onTargetFailed(const ResolveError& error);
  void onTargetDone();

  DnsResolver& resolver_;
  ResolveSink& sink_;
  std::vector<Record> records_;
  Duration ttl_{};
  std::vector<std::unique_ptr<Target>> targets_;
  size_t outstanding_ = 0;
  ResolveError targetError_;
};

/// The smallest TTL of the answers in a DNS message; 0 where it cannot be read. Pure.
Duration smallestTtl(std::span<const unsigned char> message);

}  // namespace outrigger::net
