#include "proxy/net/service_lookup.h"

#include <ares.h>

#include <algorithm>
#include <limits>

#include "proxy/net/dns_resolver.h"

namespace outrigger::net {
namespace {

// Each target is a name to look up; a headless service gives one for each pod.
constexpr size_t kMostTargets = 500;

constexpr size_t kHeader = 12;

uint32_t number(std::span<const unsigned char> bytes) {
  uint32_t value = 0;
  for (const unsigned char byte : bytes) value = value << 8 | byte;
  return value;
}

// Bytes of a name in a message (RFC 1035 §3.1, §4.1.4): labels, and then a zero or a pointer. 0: it does not end.
size_t nameSize(std::span<const unsigned char> message, size_t at) {
  const size_t begin = at;
  while (at < message.size()) {
    const unsigned char length = message[at];
    if (length == 0) return at + 1 - begin;
    if (length >= 0xc0) return at + 2 - begin;
    at += 1U + length;
  }
  return 0;
}

}  // namespace

Duration smallestTtl(std::span<const unsigned char> message) {
  constexpr size_t kQuestionTail = 4;  // type, class
  constexpr size_t kAnswerTail = 10;   // type, class, TTL, size of the data
  if (message.size() < kHeader) return {};
  uint32_t smallest = std::numeric_limits<int32_t>::max();
  size_t at = kHeader;
  for (uint32_t left = number(message.subspan(4, 2)); left > 0; --left) {
    const size_t size = nameSize(message, at);
    if (size == 0) return {};
    at += size + kQuestionTail;
  }
  const uint32_t answers = number(message.subspan(6, 2));
  if (answers == 0) return {};
  for (uint32_t left = answers; left > 0; --left) {
    const size_t size = nameSize(message, at);
    if (size == 0 || at + size + kAnswerTail > message.size()) return {};
    at += size;
    smallest = std::min(smallest, number(message.subspan(at + 4, 4)));
    at += kAnswerTail + number(message.subspan(at + 8, 2));
  }
  return std::chrono::seconds(smallest);
}

ServiceLookup::Target::Target(ServiceLookup& parent, const Record& record) : lookup(parent), weight(record.weight) {
  resolution = parent.resolver_.resolve(record.host, record.port, *this);
}

int ServiceLookup::takeServices(std::span<const unsigned char> answer) {
  ares_srv_reply* raw = nullptr;
  const int status = ares_parse_srv_reply(answer.data(), static_cast<int>(answer.size()), &raw);
  const std::unique_ptr<ares_srv_reply, decltype(&ares_free_data)> records(raw, ares_free_data);
  if (status != ARES_SUCCESS) return status;
  uint16_t lowest = std::numeric_limits<uint16_t>::max();
  for (const ares_srv_reply* at = raw; at != nullptr; at = at->next) lowest = std::min(lowest, at->priority);
  for (const ares_srv_reply* at = raw; at != nullptr; at = at->next) {
    const std::string host = at->host;
    if (at->priority != lowest || host.empty() || host == ".") continue;  // ".": decidedly not offered
    if (records_.size() == kMostTargets) break;
    records_.push_back({host, at->port, std::max<uint32_t>(at->weight, 1)});
  }
  ttl_ = smallestTtl(answer);
  return records_.empty() ? ARES_ENODATA : ARES_SUCCESS;
}

void ServiceLookup::onAnswered(int status) {
  if (status == ARES_ENODATA) {
    return sink_.onResolveFailed({ResolveError::Kind::NoAddresses, "the name is known, but has no SRV records"});
  }
  if (status != ARES_SUCCESS) return sink_.onResolveFailed(resolveError(status));
  outstanding_ = records_.size();
  for (const Record& record : records_) targets_.push_back(std::make_unique<Target>(*this, record));
}

void ServiceLookup::onTarget(Target& target, Resolved resolved) {
  target.found = std::move(resolved);
  onTargetDone();
}

// A target that is gone is left out; one that could not be asked for makes the whole answer worthless.
void ServiceLookup::onTargetFailed(const ResolveError& error) {
  const bool gone = error.kind == ResolveError::Kind::NoSuchName || error.kind == ResolveError::Kind::NoAddresses;
  if (!gone || targetError_.detail[0] == '\0') targetError_ = error;
  onTargetDone();
}

void ServiceLookup::onTargetDone() {
  if (--outstanding_ != 0) return;
  using Kind = ResolveError::Kind;
  const bool incomplete =
      targetError_.detail[0] != '\0' && targetError_.kind != Kind::NoSuchName && targetError_.kind != Kind::NoAddresses;
  Resolved all{.places = {}, .ttl = ttl_};
  for (const auto& target : targets_) {
    if (target->found.places.empty()) continue;
    all.ttl = std::min(all.ttl, target->found.ttl);
    for (const Resolved::Place& place : target->found.places) {
      const auto same = [&](const Resolved::Place& other) { return other.address == place.address; };
      if (std::ranges::none_of(all.places, same)) all.places.push_back({place.address, target->weight});
    }
  }
  if (incomplete || all.places.empty()) return sink_.onResolveFailed(targetError_);
  sink_.onResolved(std::move(all));
}

}  // namespace outrigger::net
