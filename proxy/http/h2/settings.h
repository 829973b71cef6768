// What we tell every peer of how we speak HTTP/2 (RFC 9113 §6.5.2), and what we are made of inside. Constants.
#pragma once

#include <cstddef>
#include <cstdint>

namespace outrigger::http::h2 {

/// What a peer may send on one stream before it hears that it was consumed: it bounds what a paused stream holds.
inline constexpr int32_t kStreamWindow = 128 * 1024;
/// The same for a connection; large, for it is given back at once, so that a paused stream does not block the others.
inline constexpr int32_t kConnectionWindow = 1024 * 1024;
/// The dynamic table of HPACK, each way. What a connection holds while it idles is little more than this.
inline constexpr uint32_t kHeaderTable = 4096;
/// The largest frame that either side sends; the least that is allowed, and enough.
inline constexpr uint32_t kMostFrame = 16 * 1024;
/// Octets of a frame's head.
inline constexpr size_t kFrameHead = 9;
/// What RFC 9113 §6.5.2 adds to a field for the size of a header list.
inline constexpr size_t kFieldOverhead = 32;
/// A larger header list is still read, for the sake of the table that both sides keep, but not answered by its stream:
/// so many times the limit ends the connection.
inline constexpr size_t kHardHeadFactor = 4;

/// What a client says first (RFC 9113 §3.4).
inline constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline constexpr size_t kPrefaceSize = sizeof kPreface - 1;

}  // namespace outrigger::http::h2
