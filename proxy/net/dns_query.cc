#include "proxy/net/dns_query.h"

#include <ares.h>

#include <memory>

#include "proxy/net/dns_resolver.h"

namespace outrigger::net {

DnsQuery::DnsQuery(DnsResolver& resolver, Kind kind, std::string name)
    : resolver_(resolver), kind_(kind), name_(std::move(name)) {
  static_assert(kUnexpected == ARES_EBADRESP);
  Turn& turn = resolver.loop().turn();
  turn.timers.arm(limit_, turn.now + resolver.options().limit);
}

DnsQuery::~DnsQuery() {
  if (ticket_ != nullptr) ticket_->query = nullptr;
}

void DnsQuery::begin(ares_channeldata* channel) {
  auto ticket = std::make_unique<Ticket>(resolver_, this);
  ticket_ = ticket.get();
  Ticket* held = ticket.release();  // the callback, which is always called, takes it back
  if (kind_ == Kind::Services) return ares_search(channel, name_.c_str(), 1 /* IN */, 33 /* SRV */, onServices, held);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NOSORT;  // sorting opens a socket for each address; who dials tries them anyway
  ares_getaddrinfo(channel, name_.c_str(), nullptr, &hints, onAddresses, held);
}

void DnsQuery::onAddresses(void* ticket, int status, int, ares_addrinfo* answer) {
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> taken(answer, ares_freeaddrinfo);
  DnsQuery* query = static_cast<Ticket*>(ticket)->query;
  if (status == ARES_SUCCESS && query != nullptr) status = answer ? query->takeAddresses(*answer) : ARES_ENODATA;
  close(ticket, status);
}

void DnsQuery::onServices(void* ticket, int status, int, unsigned char* answer, int size) {
  DnsQuery* query = static_cast<Ticket*>(ticket)->query;
  if (status == ARES_SUCCESS && query != nullptr) {
    status = query->takeServices({answer, static_cast<size_t>(size)});
  }
  close(ticket, status);
}

void DnsQuery::close(void* held, int status) {
  const std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(held));
  if (ticket->query != nullptr) {
    ticket->query->ticket_ = nullptr;
    ticket->query->end(status);
  }
  ticket->resolver.onQueryEnded(status);
}

void DnsQuery::onLimit() {
  if (ticket_ != nullptr) ticket_->query = nullptr;
  ticket_ = nullptr;
  end(ARES_ETIMEOUT);
}

void DnsQuery::end(int status) {
  if (ended_) return;
  ended_ = true;
  limit_.disarm();
  ListNode<DnsLineTag>::unlink();
  status_ = status;
  resolver_.loop().turn().settleLater(*this);
}

void DnsQuery::atSettle() {
  onAnswered(status_);
}

ResolveError resolveError(int status) {
  using Kind = ResolveError::Kind;
  switch (status) {
    case ARES_ENOTFOUND: return {Kind::NoSuchName, "the name server says that there is no such name"};
    case ARES_ENODATA: return {Kind::NoAddresses, "the name is known, but has no addresses"};
    case ARES_ETIMEOUT: return {Kind::TimedOut, "the name server did not answer in time"};
    case ARES_ESERVFAIL: return {Kind::Failed, "the name server failed (SERVFAIL)"};
    case ARES_EREFUSED: return {Kind::Failed, "the name server refused to answer"};
    case ARES_ECONNREFUSED: return {Kind::Failed, "no name server could be asked, or none could say"};
    case ARES_EBADNAME: return {Kind::NoSuchName, "that is no name: a label is empty or longer than 63 characters"};
    case ARES_EFORMERR:
    case ARES_EBADRESP: return {Kind::Failed, "the name server's answer is malformed"};
    case ARES_EFILE: return {Kind::Failed, "the hosts file or resolv.conf could not be read"};
    case ARES_ENOMEM: return {Kind::Failed, "too many names are being looked up at once"};
    default: return {Kind::Failed, "the name could not be looked up"};
  }
}

}  // namespace outrigger::net
