#include "control/gzip.h"

#include <zlib.h>

namespace outrigger::control {
namespace {

constexpr int kGzip = 16;  // added to the window's size: gzip's head and trailer, not zlib's

}  // namespace

std::string gzip(Bytes plain) {
  z_stream stream{};
  // The quickest level: metrics shrink to a twentieth even so.
  if (::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + kGzip, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string packed(::deflateBound(&stream, static_cast<uLong>(plain.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const bool whole = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  packed.resize(whole ? stream.total_out : 0);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace outrigger::control
