// The heads of HTTP messages, the same for every version of the protocol. Heads are views: whoever hands one out says
// how long the bytes behind it live. One thread.
#pragma once

#include <cstdint>
#include <span>

#include "proxy/base/arena.h"
#include "proxy/base/bytes.h"
#include "proxy/http/header.h"
#include "proxy/http/method.h"

namespace outrigger::http {

struct Field {
  Header id = Header::Other;
  Bytes name;
  Bytes value;
};

/// Field lines in order. Grows in its arena if it has one, else only up to its storage.
class FieldList {
 public:
  FieldList() = default;
  explicit FieldList(Arena& arena) : arena_(&arena) {}
  /// Empty, over storage that outlives the list.
  explicit FieldList(std::span<Field> storage) : data_(storage.data()), capacity_(storage.size()) {}

  const Field* begin() const { return data_; }
  const Field* end() const { return data_ + size_; }
  Field* begin() { return data_; }
  Field* end() { return data_ + size_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// The first field of that name, or nullptr.
  const Field* find(Header id) const;
  const Field* find(Bytes name) const;
  bool has(Header id) const { return find(id) != nullptr; }
  size_t count(Header id) const;
  /// The first value of that name; empty if there is none.
  Bytes value(Header id) const;

  /// Appends a field; the texts are borrowed. False if there is no room.
  bool add(Header id, Bytes name, Bytes value);
  bool add(Header id, Bytes value) { return add(id, headerName(id), value); }
  bool add(Bytes name, Bytes value) { return add(headerOf(name), name, value); }

  /// Replaces every field of that name by one.
  bool set(Bytes name, Bytes value);
  bool set(Header id, Bytes value);

  /// Removes each field for which `unwanted(field)` is true; the others keep their order.
  template <class Predicate>
  void removeIf(Predicate&& unwanted) {
    size_t kept = 0;
    for (size_t i = 0; i < size_; ++i) {
      if (unwanted(data_[i])) continue;
      if (kept != i) data_[kept] = data_[i];
      ++kept;
    }
    size_ = kept;
  }
  void remove(Header id);
  void remove(Bytes name);
  void clear() { size_ = 0; }

  /// Makes room for that many fields in all; false if there is no arena to take it from.
  bool reserve(size_t capacity) { return capacity <= capacity_ || grow(capacity); }

 private:
  bool grow(size_t capacity);

  Field* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  Arena* arena_ = nullptr;
};

/// How long the body is and how one learns it (RFC 9112 §6.3).
struct BodyFraming {
  enum class Kind : uint8_t { None, Length, Chunked, UntilClose };
  Kind kind = Kind::None;
  uint64_t length = 0;  ///< octets, for Length

  static constexpr BodyFraming none() { return {}; }
  static constexpr BodyFraming ofLength(uint64_t n) { return {Kind::Length, n}; }
  static constexpr BodyFraming chunked() { return {Kind::Chunked, 0}; }
  static constexpr BodyFraming untilClose() { return {Kind::UntilClose, 0}; }

  /// True if no body byte will follow.
  constexpr bool isEmpty() const { return kind == Kind::None || (kind == Kind::Length && length == 0); }
};

enum class Version : uint8_t { Http10, Http11, Http2 };

/// "HTTP/1.1"
Bytes versionText(Version version);

struct RequestHead {
  Method method = Method::Other;
  Bytes methodText;
  Bytes authority;  ///< host[:port] of the target or of Host, as received
  Bytes path;       ///< begins with '/'; or "*" (OPTIONS)
  Bytes query;      ///< with its '?'; empty if there is none
  FieldList fields;
  BodyFraming body;
  Version version = Version::Http11;
  bool keepAlive = true;  ///< the peer will take another request on this connection
  bool absoluteForm = false;
  bool expectContinue = false;
  /// The protocol that the stream should go over to, "websocket" for one (RFC 9110 §7.8; `:protocol` of RFC 8441), or
  /// "connect" for a tunnel (CONNECT); empty: none. What is sent behind the head belongs to it once it was granted.
  Bytes upgrade;
  /// The octets that the views above point into, but for those that name something implied or added.
  Bytes raw;

  /// A head that lives in `arena`: `raw` is copied once, and besides it what lies elsewhere; its list can grow.
  RequestHead copyTo(Arena& arena) const;
};

struct ResponseHead {
  uint16_t status = 0;
  Bytes reasonPhrase{};
  FieldList fields{};
  BodyFraming body{};
  Version version = Version::Http11;
  bool keepAlive = true;
  /// The upgrade that was asked for is granted (101, or 2xx where HTTP/2 or CONNECT asked): from here on the stream
  /// carries the other protocol, both ways, until each side ends.
  bool upgraded = false;
  /// The answer to HEAD, or 304: `body` is what a GET would have got; no octet of it follows.
  bool headOnly = false;
};

/// Up to this size a body of known length counts as short: a timeout covers it to its last octet (CONTRACT §4).
inline constexpr uint64_t kShortBody = 1024 * 1024;

/// An answer whose length is known and at most kShortBody; else it streams.
inline bool isShort(const ResponseHead& head) {
  const bool lengthKnown =
      head.headOnly || head.body.kind == BodyFraming::Kind::None || head.body.kind == BodyFraming::Kind::Length;
  return lengthKnown && head.body.length <= kShortBody;
}

}  // namespace outrigger::http
