#include "proxy/exchange/forwarding.h"

#include <algorithm>

#include "proxy/http/date.h"

namespace outrigger::exchange {
namespace {

using http::Field;
using http::FieldList;
using http::Header;

constexpr Bytes kPseudonym = "outrigger";
constexpr size_t kLongestRequestId = 128;

bool isOwn(Header id) {
  return id >= Header::OutriggerAdmin && id <= Header::OutriggerOther;
}

bool isWrittenAnew(Header id) {
  return id == Header::Host || id == Header::ContentLength || id == Header::Expect ||
         id == Header::XForwardedClientCert;
}

// The field names that Connection lists, besides its own options. Nearly always there are none.
bool namesFields(const FieldList& fields) {
  for (const Field& field : fields) {
    if (field.id != Header::Connection) continue;
    const bool onlyOptions = forEachListElement(field.value, [](Bytes option) {
      return equalsIgnoreCase(option, "close") || equalsIgnoreCase(option, "keep-alive");
    });
    if (!onlyOptions) return true;
  }
  return false;
}

bool isNamed(const FieldList& fields, size_t listSize, Bytes name) {
  for (const Field* field = fields.begin(); field != fields.begin() + listSize; ++field) {
    if (field->id != Header::Connection) continue;
    const bool absent = forEachListElement(field->value, [&](Bytes option) { return !equalsIgnoreCase(option, name); });
    if (!absent) return true;
  }
  return false;
}

void removeNamedFields(FieldList& fields) {
  if (!namesFields(fields)) return;
  // Connection itself must stay readable until all named fields are gone.
  const size_t size = fields.size();
  for (size_t i = 0; i < size; ++i) {
    Field& field = fields.begin()[i];
    // From here on it counts as what it was declared to be, and goes with the others of its kind.
    if (field.id != Header::Connection && isNamed(fields, size, field.name)) field.id = Header::KeepAlive;
  }
}

bool isVisible(Bytes text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

Bytes makeRequestId(Arena& arena, Rng& rng) {
  constexpr size_t kSize = 32;
  char* text = static_cast<char*>(arena.allocate(kSize, 1));
  writeSpanId(text, rng.next());
  writeSpanId(text + kSize / 2, rng.next());
  return {text, kSize};
}

void addForwardedFor(http::RequestHead& head, const PeerInfo& peer, Arena& arena) {
  const std::string address = peer.address.unmapped().hostText();
  Bytes chain;
  for (const Field& field : head.fields) {
    if (field.id != Header::XForwardedFor) continue;
    chain = chain.empty() ? field.value : arena.join(chain, Bytes(", "), field.value);
  }
  head.fields.set(Header::XForwardedFor, chain.empty() ? arena.copy(address) : arena.join(chain, Bytes(", "), address));
}

// Who is verified may say how it was called itself; of all others we know it.
void addForwardedProto(http::RequestHead& head, const PeerInfo& peer) {
  const Bytes told = head.fields.value(Header::XForwardedProto);
  const bool keep =
      !peer.identity.empty() && (told == "https" || told == "http") && head.fields.count(Header::XForwardedProto) == 1;
  if (!keep) head.fields.set(Header::XForwardedProto, peer.secure ? "https" : "http");
}

// A SPIFFE ID has no character that would have to be quoted here.
void addClientIdentity(http::RequestHead& head, const PeerInfo& peer, Bytes ourIdentity, Arena& arena) {
  if (peer.identity.empty()) return;
  head.fields.set(Header::XForwardedClientCert, ourIdentity.empty()
                                                    ? arena.join("URI=", peer.identity)
                                                    : arena.join("By=", ourIdentity, ";URI=", peer.identity));
}

}  // namespace

void stripRequestFields(FieldList& fields) {
  removeNamedFields(fields);
  fields.removeIf([](const Field& field) {
    return field.id != Header::Other && (http::isHopByHop(field.id) || isOwn(field.id) || isWrittenAnew(field.id));
  });
}

void stripResponseFields(FieldList& fields) {
  removeNamedFields(fields);
  fields.removeIf([](const Field& field) {
    return field.id != Header::Other &&
           (http::isHopByHop(field.id) || isOwn(field.id) || field.id == Header::ContentLength);
  });
}

int hopsSoFar(const FieldList& fields) {
  int hops = 0;
  for (const Field& field : fields) {
    if (field.id != Header::Via) continue;
    forEachListElement(field.value, [&](Bytes element) {
      // received-protocol SP received-by (RFC 9110 §7.6.3)
      const size_t space = element.find(' ');
      if (space != Bytes::npos && equalsIgnoreCase(trimSpace(element.substr(space)), kPseudonym)) ++hops;
      return true;
    });
  }
  return hops;
}

// RFC 9110 §7.6.3: received-protocol without the name HTTP.
Bytes viaOf(http::Version version) {
  switch (version) {
    case http::Version::Http10: return "1.0 outrigger";
    case http::Version::Http11: return "1.1 outrigger";
    case http::Version::Http2: break;
  }
  return "2 outrigger";
}

RequestIds addForwardingFields(http::RequestHead& head, Direction direction, const PeerInfo& peer, Bytes ourIdentity,
                               const TraceRule* traces, Arena& arena, Rng& rng) {
  RequestIds ids;
  ids.requestId = head.fields.value(Header::XRequestId);
  ids.requestIdKept = !ids.requestId.empty() && ids.requestId.size() <= kLongestRequestId && isVisible(ids.requestId) &&
                      head.fields.count(Header::XRequestId) == 1;
  if (!ids.requestIdKept) {
    ids.requestId = makeRequestId(arena, rng);
    head.fields.set(Header::XRequestId, ids.requestId);
  }
  ids.trace = takeTrace(head.fields, traces, arena, rng);
  head.fields.add(Header::Via, viaOf(head.version));
  if (direction == Direction::Outbound) return ids;
  addForwardedFor(head, peer, arena);
  addForwardedProto(head, peer);
  addClientIdentity(head, peer, ourIdentity, arena);
  return ids;
}

void addDate(FieldList& fields, WallTime now, Arena& arena) {
  if (fields.find(Header::Date) == nullptr) fields.add(Header::Date, arena.copy(http::DateText(now).text()));
}

Bytes replacePrefix(Bytes path, size_t matched, Bytes prefix, Arena& arena) {
  const Bytes rest = path.substr(std::min(matched, path.size()));
  if (prefix.ends_with('/') && rest.starts_with('/')) prefix.remove_suffix(1);
  return arena.join(prefix, rest);
}

}  // namespace outrigger::exchange
