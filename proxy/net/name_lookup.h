// The addresses of one name. What DnsResolver::resolve() gives.
#pragma once

#include "proxy/net/dns_query.h"

namespace outrigger::net {

class NameLookup final : public Resolution, public DnsQuery {
 public:
  NameLookup(DnsResolver& resolver, const std::string& name, uint16_t port, ResolveSink& sink)
      : DnsQuery(resolver, Kind::Addresses, name), port_(port), sink_(sink) {}

 private:
  int takeAddresses(const ares_addrinfo& answer) override;
  void onAnswered(int status) override;

  const uint16_t port_;
  ResolveSink& sink_;
  Resolved found_;
};

}  // namespace outrigger::net
