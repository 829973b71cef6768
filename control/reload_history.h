// What became of the last versions of the config file: which were brought into effect and what they changed, which were
// rejected and why. Looks that found nothing new are not kept. Plain values; the control thread.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "config/changes.h"
#include "proxy/base/time.h"

namespace outrigger::control {

struct ReloadRecord {
  enum class Result : uint8_t { Started, Applied, Rejected };

  WallTime at{};
  Result result = Result::Applied;
  std::string hash{};                     ///< of the file's text; empty: it could not be read
  std::string error{};                    ///< of one that was rejected
  std::vector<config::Change> changes{};  ///< against the version before it; hidden values stay hidden
  size_t changesLeftOut = 0;
  std::vector<std::string> needsRestart{};  ///< keys that changed, and stay as they were until then
};

class ReloadHistory {
 public:
  static constexpr size_t kMost = 20;
  static constexpr size_t kMostChanges = 200;  ///< of one reload

  /// One more; at most kMostChanges of its changes are kept.
  void add(ReloadRecord record);

  /// Oldest first.
  const std::deque<ReloadRecord>& all() const { return records_; }
  /// How many were ever added.
  uint64_t added() const { return added_; }

 private:
  std::deque<ReloadRecord> records_;
  uint64_t added_ = 0;
};

/// "FILE:LINE" of the first line that begins with "FILE:LINE:COL " and is no warning, else of the first such line; the
/// file without its folders. Empty: there is none.
std::string errorPlace(Bytes error);

}  // namespace outrigger::control
