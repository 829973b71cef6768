// Dials a host by its name: looks it up, then tries its addresses in order, the next one as soon as the one before it
// has failed or has kept us waiting (RFC 8305 in its simplest form). The first that connects wins. On the loop's
// thread.
#pragma once

#include <vector>

#include "proxy/net/event_loop.h"
#include "proxy/net/name_cache.h"

namespace outrigger::net {

class NamedDial final : public Dial, private NameWaiter, private AtSettle {
 public:
  /// How long an address has the field for itself.
  static constexpr Duration kHeadStart = 250ms;
  /// Addresses that one Dial tries.
  static constexpr size_t kMostTries = 8;

  NamedDial(EventLoop& loop, const Address& to, DialSink& sink);

 private:
  struct Try final : DialSink {
    Try(NamedDial& owner, const Address& address);
    void onConnected(std::unique_ptr<Transport> transport) override { parent.onConnected(*this, std::move(transport)); }
    void onDialFailed(const Error& error) override { parent.onTryFailed(*this, error); }

    NamedDial& parent;
    std::unique_ptr<Dial> dial;
  };

  void onName(const std::vector<Address>& addresses) override;
  void onNoName(const ResolveError& error) override;
  void tryNext();
  void onConnected(Try& winner, std::unique_ptr<Transport> transport);
  void onTryFailed(Try& loser, const Error& error);
  void atSettle() override;

  EventLoop& loop_;
  const Address to_;
  DialSink& sink_;
  std::vector<Address> addresses_;
  size_t next_ = 0;  // of addresses_
  std::vector<std::unique_ptr<Try>> tries_;
  Timer<NamedDial, &NamedDial::tryNext> headStart_{*this};
};

}  // namespace outrigger::net
