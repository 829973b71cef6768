#include "proxy/http/websocket_key.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace outrigger::http {
namespace {

constexpr Bytes kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

uint32_t readBig(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

void writeBig(uint8_t* at, uint64_t value, size_t octets) {
  for (size_t i = octets; i > 0; --i, value >>= 8) at[i - 1] = static_cast<uint8_t>(value);
}

// SHA-1 (FIPS 180-4 §6.1). It protects nothing here; RFC 6455 wants a value that only a WebSocket server would give.
class Sha1 {
 public:
  void add(Bytes text) {
    for (const char c : text) {
      block_[used_++] = static_cast<uint8_t>(c);
      if (used_ == block_.size()) takeBlock();
    }
    bits_ += text.size() * 8;
  }

  std::array<uint8_t, 20> digest() {
    const uint64_t bits = bits_;
    add(Bytes("\x80", 1));
    while (used_ != 56) add(Bytes("\0", 1));
    std::array<uint8_t, 8> length;
    writeBig(length.data(), bits, length.size());
    add({reinterpret_cast<const char*>(length.data()), length.size()});
    std::array<uint8_t, 20> result;
    for (size_t i = 0; i < state_.size(); ++i) writeBig(result.data() + 4 * i, state_[i], 4);
    return result;
  }

 private:
  void takeBlock() {
    std::array<uint32_t, 80> w;
    for (size_t i = 0; i < 16; ++i) w[i] = readBig(block_.data() + 4 * i);
    for (size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    auto [a, b, c, d, e] = state_;
    for (size_t i = 0; i < 80; ++i) {
      const uint32_t next = std::rotl(a, 5) + mix(i, b, c, d) + e + w[i];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    state_[0] += a;
    state_[1] += b;
    state_[2] += c;
    state_[3] += d;
    state_[4] += e;
    used_ = 0;
  }

  static uint32_t mix(size_t round, uint32_t b, uint32_t c, uint32_t d) {
    if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
    if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
    if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    return (b ^ c ^ d) + 0xca62c1d6;
  }

  std::array<uint32_t, 5> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  std::array<uint8_t, 64> block_;
  size_t used_ = 0;
  uint64_t bits_ = 0;
};

// RFC 4648 §4. `out` has room for all of it.
void writeBase64(std::span<const uint8_t> octets, char* out) {
  constexpr Bytes kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t at = 0; at < octets.size(); at += 3) {
    const size_t size = std::min<size_t>(3, octets.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) group = group << 8 | (i < size ? octets[at + i] : 0);
    for (size_t i = 0; i < 4; ++i) *out++ = i <= size ? kDigits[group >> (18 - 6 * i) & 63] : '=';
  }
}

}  // namespace

WebSocketKey::WebSocketKey(Rng& rng) {
  std::array<uint8_t, 16> octets;
  writeBig(octets.data(), rng.next(), 8);
  writeBig(octets.data() + 8, rng.next(), 8);
  writeBase64(octets, text_.data());
}

WebSocketAccept::WebSocketAccept(Bytes key) {
  Sha1 sha;
  sha.add(key);
  sha.add(kGuid);
  writeBase64(sha.digest(), text_.data());
}

}  // namespace outrigger::http
