// Access records as a test asks about them. The configs of such tests say `log: {access: all}`.
#pragma once

#include "tests/support/sim/world.h"

namespace outrigger::sim {

/// The value of a field of a record, without quotes; empty if there is no such field.
inline std::string fieldOf(const std::string& line, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const size_t at = line.find(key);
  if (at == std::string::npos) return "";
  size_t begin = at + key.size();
  const bool quoted = line[begin] == '"';
  if (quoted) ++begin;
  return line.substr(begin, line.find_first_of(quoted ? "\"" : ",}", begin) - begin);
}

/// A field of the latest record; empty if there is none.
inline std::string lastRecord(const Sidecar& sidecar, const std::string& name) {
  return sidecar.accessLines().empty() ? "" : fieldOf(sidecar.accessLines().back(), name);
}

/// How many requests outrigger_requests_total counts under that status and reason, over all routes.
inline uint64_t counted(Sidecar& sidecar, uint16_t status, Reason reason) {
  uint64_t sum = 0;
  for (uint32_t series = 0; series < sidecar.requestSeries(); ++series) {
    sidecar.metrics().requests[series].requests.forEach([&](uint16_t s, Reason r, uint64_t count) {
      if (s == status && r == reason) sum += count;
    });
  }
  return sum;
}

}  // namespace outrigger::sim
