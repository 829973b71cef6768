// Writes frames of HTTP/2 (RFC 9113 §4.1), right ones and wrong ones. Header blocks are literal fields without indexing
// (RFC 7541 §6.2.2), so that a test says each octet itself.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proxy/base/bytes.h"
#include "proxy/http/h2/settings.h"

namespace outrigger::testing::h2 {

enum Type : uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};
inline constexpr uint8_t kEndStream = 0x1;
inline constexpr uint8_t kAck = 0x1;
inline constexpr uint8_t kEndHeaders = 0x4;

using Lines = std::vector<std::pair<std::string, std::string>>;

inline std::string number(uint32_t value, int octets = 4) {
  std::string text;
  for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

inline std::string frame(uint8_t type, uint8_t flags, uint32_t stream, Bytes payload) {
  std::string text = number(static_cast<uint32_t>(payload.size()), 3);
  text += static_cast<char>(type);
  text += static_cast<char>(flags);
  text += number(stream);
  return text.append(payload);
}

inline std::string hpackLength(size_t n) {
  if (n < 0x7f) return {static_cast<char>(n)};
  std::string text{0x7f};
  for (n -= 0x7f; n >= 0x80; n >>= 7) text += static_cast<char>((n & 0x7f) | 0x80);
  return text += static_cast<char>(n);
}

inline std::string block(const Lines& lines) {
  std::string text;
  for (const auto& [name, value] : lines) {
    text += '\0';
    text += hpackLength(name.size()) + name + hpackLength(value.size()) + value;
  }
  return text;
}

inline std::string preface() {
  return http::h2::kPreface + frame(kSettings, 0, 0, "");
}
inline std::string headers(uint32_t stream, const Lines& lines, bool end = true) {
  return frame(kHeaders, kEndHeaders | (end ? kEndStream : 0), stream, block(lines));
}
inline Lines getLines(std::string path = "/", std::string authority = "a") {
  return {{":method", "GET"}, {":scheme", "http"}, {":path", std::move(path)}, {":authority", std::move(authority)}};
}
inline Lines postLines(Lines more = {}) {
  Lines lines{{":method", "POST"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a"}};
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}
inline std::string get(uint32_t stream, std::string path = "/", std::string authority = "a") {
  return headers(stream, getLines(std::move(path), std::move(authority)));
}
inline std::string data(uint32_t stream, Bytes content, bool end = true) {
  return frame(kData, end ? kEndStream : 0, stream, content);
}
inline std::string reset(uint32_t stream, uint32_t code = 8) {
  return frame(kRstStream, 0, stream, number(code));
}
inline std::string windowUpdate(uint32_t stream, uint32_t by) {
  return frame(kWindowUpdate, 0, stream, number(by));
}
inline std::string setting(uint16_t id, uint32_t value) {
  return frame(kSettings, 0, 0, number(id, 2) + number(value));
}

/// A frame as it was read.
struct Read {
  uint8_t type = 0;
  uint8_t flags = 0;
  uint32_t stream = 0;
  std::string payload;
};

inline uint32_t numberAt(Bytes text, size_t at, int octets) {
  uint32_t value = 0;
  for (int i = 0; i < octets; ++i) value = value << 8 | static_cast<unsigned char>(text[at + static_cast<size_t>(i)]);
  return value;
}

/// The complete frames in `text`; what is left of it is left in it.
inline std::vector<Read> takeFrames(std::string& text) {
  std::vector<Read> frames;
  size_t at = 0;
  while (text.size() - at >= http::h2::kFrameHead) {
    const size_t length = numberAt(text, at, 3);
    if (text.size() - at - http::h2::kFrameHead < length) break;
    frames.push_back({static_cast<uint8_t>(text[at + 3]), static_cast<uint8_t>(text[at + 4]),
                      numberAt(text, at + 5, 4) & 0x7fffffff, text.substr(at + http::h2::kFrameHead, length)});
    at += http::h2::kFrameHead + length;
  }
  text.erase(0, at);
  return frames;
}

}  // namespace outrigger::testing::h2
