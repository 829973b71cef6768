// The story of one outage, told in at most six lines while it happens: what was broken, what the sidecar decided, what
// the callers saw, how it ended. Pure; the demo's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/base/time.h"
#include "proxy/server/decision.h"

namespace outrigger::control::demo {

/// What counters say of one service at one moment.
struct Tally {
  uint64_t good = 0;  ///< answers that callers were glad of
  uint64_t bad = 0;
  uint64_t retries = 0;
};

class Story {
 public:
  static constexpr size_t kLines = 6;

  /// Something was broken at `service` just now. Ends the story before, if it was still told.
  void begin(const std::string& service, const std::string& what, const Tally& tally, Instant now);
  /// A decision of the sidecar: the first ones about the service are part of the story.
  void note(const server::Decision& decision, Instant now);
  /// Who broke it has mended it.
  void mend(const Tally& tally, Instant now);
  /// Told again and again: says once what the callers saw so far, and once, some time after it was mended, how it
  /// ended.
  void look(const Tally& tally, Instant now);
  /// The demo ends: says how it ended, if that was not said yet.
  void finish(const Tally& tally, Instant now);

  /// Of which the story is told; empty: there was none.
  const std::string& service() const { return service_; }
  const std::vector<std::string>& lines() const { return lines_; }
  /// Lines that were added since it was last asked.
  std::vector<std::string> news();

 private:
  enum class Part : uint8_t { None, Broken, Seen, Mended, Over };

  void tell(Instant now, const std::string& text);
  std::string callersSaw(const Tally& tally) const;

  std::string service_;
  Part part_ = Part::None;
  size_t decisions_ = 0;
  Tally before_;
  Instant begunAt_{};
  Instant mendedAt_{};
  size_t told_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace outrigger::control::demo
