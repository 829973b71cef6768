// An archive of files in the ustar format (POSIX.1-1988, IEEE 1003.1 pax "ustar interchange format"). Pure.
#pragma once

#include <string>

#include "proxy/base/bytes.h"
#include "proxy/base/time.h"

namespace outrigger::control::bundle {

class Tar {
 public:
  /// All files are `when` old.
  explicit Tar(WallTime when) : when_(when) {}

  /// One more file, which only its owner may read. False: the format holds no such name (empty, above 255 octets, or
  /// without a '/' that leaves at most 155 before it and 100 behind it) or size (8 GiB and more); nothing was added.
  bool add(Bytes name, Bytes contents);

  /// The whole archive so far, in records of 10 KiB.
  std::string finish() const;

 private:
  WallTime when_;
  std::string blocks_;
};

}  // namespace outrigger::control::bundle
